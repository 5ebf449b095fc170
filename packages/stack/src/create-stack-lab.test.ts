import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { createFakeProcesses, flush } from './fake-processes.test-support.ts';
import { readState } from './state-file.ts';

let fake: ReturnType<typeof createFakeProcesses>;
beforeEach(() => {
  fake = createFakeProcesses();
});

const ON = { LABS: 'on', LAB_PORT: '0' };

/** Listens on a port until the test ends. */
async function takePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  return (server.address() as AddressInfo).port;
}

describe('the lab service', () => {
  it.each([
    ['services', 'gateway', ['model', 'worker', 'gateway', 'lab']],
    ['monolith', 'monolith', ['monolith', 'lab']],
  ] as const)('starts after the others in the topology "%s", and the %s knows its address', async (topology, caller, order) => {
    const stack = fake.create({ topology, env: ON });
    await stack.start();
    expect(fake.log).toEqual(order.map((service) => `${service} started`));
    const { LAB_PORT, DATABASE_URL } = fake.latest('lab').env;
    expect([fake.latest(caller).env.LAB_SERVICE_URL, DATABASE_URL]).toEqual([`http://127.0.0.1:${LAB_PORT}`, undefined]);
    await flush();
    expect(readState(fake.dataDirectory)?.processes.at(-1)).toMatchObject({ service: 'lab', title: 'lab service' });
    expect(stack.processes.at(-1)).toMatchObject({ service: 'lab', url: `http://127.0.0.1:${LAB_PORT}` });
  });

  it('does not start when labs are off', async () => {
    await fake.create({ env: { LABS: 'off' } }).start();
    expect(fake.log).not.toContain('lab started');
    expect(fake.latest('gateway').env.LAB_SERVICE_URL).toBeUndefined();
  });

  it('does not delay the start', async () => {
    fake.silent.add('lab');
    const url = await fake.create({ env: ON }).start();
    expect([url, readState(fake.dataDirectory)?.url]).toEqual([url, url]);
  });

  it('restarts after a crash, and the platform keeps running', async () => {
    const stack = fake.create({ env: ON });
    await stack.start();
    await flush();
    fake.latest('lab').child.exit(null, 'SIGKILL');
    const [delayMs = 0] = fake.timers.waiting();
    fake.timers.fire(delayMs);
    expect(fake.log.filter((line) => line === 'lab started')).toHaveLength(2);
    expect(fake.messages()).toContainEqual(expect.stringContaining('lab service stopped (killed by SIGKILL)'));
    expect(fake.log).not.toContain('gateway SIGTERM');
  });

  it('is given up with a message when it cannot run, and the platform keeps running', async () => {
    fake.silent.add('lab');
    await fake.create({ env: ON }).start();
    fake.latest('lab').child.exit(78);
    await flush();
    expect(fake.messages()).toEqual(['The lab service cannot run. See the error above. The workshop is not available.']);
    expect(fake.log).not.toContain('gateway SIGTERM');
  });

  it('stops before the others', async () => {
    const stack = fake.create({ env: ON });
    await stack.start();
    await stack.stop();
    const signals = fake.log.filter((line) => line.endsWith('SIGTERM'));
    expect(signals).toEqual(['lab SIGTERM', 'gateway SIGTERM', 'worker SIGTERM', 'model SIGTERM']);
    expect(fake.messages()).toEqual([]);
  });

  it('restarts when the sources change, and ends with a killed platform', async () => {
    const stack = fake.create({ env: ON });
    await stack.start();
    await flush();
    await stack.reload();
    expect(fake.log.filter((line) => line === 'lab started')).toHaveLength(2);
    stack.kill();
    expect(fake.log).toContain('lab SIGKILL');
  });

  it('rejects a port in use that the operator has chosen', async () => {
    const port = await takePort();
    await expect(fake.create({ env: { LABS: 'on', LAB_PORT: String(port) } }).start()).rejects.toMatchObject({
      exitCode: 78,
      message: `Port ${port} is taken by another program. Stop it, or set LAB_PORT to a free port.`,
    });
  });
});
