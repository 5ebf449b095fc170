import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { closedLoop, PROCESS_HEADER, readProbe, withProbe } from '../index.ts';
import { HELLO_SERVER, startTestProcess, type TestProcess } from '../test-process.test-support.ts';
import { hashConfiguration } from './configuration-hash.ts';

const RETAINED_OBJECTS = `
const kept = Array.from({ length: 200_000 }, (_, index) => ({ index }));
globalThis.kept = kept;`;

let directory: string;
let app: TestProcess;

const start = async (
  source = HELLO_SERVER,
  { env = {}, configured }: { env?: NodeJS.ProcessEnv; configured?: readonly string[] } = {},
) => {
  app = await startTestProcess(source, withProbe(env, { runId: 'run-1', directory, ...(configured && { configured }) }));
  return `http://127.0.0.1:${app.firstMessage}`;
};

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'lab-probe-'));
});

afterEach(async () => {
  await app?.close();
  rmSync(directory, { recursive: true, force: true });
});

describe('a process with a probe', () => {
  it('sends its run id and pid in each response', async () => {
    const url = await start();
    const response = await fetch(url);
    expect(response.headers.get(PROCESS_HEADER)).toBe(`run-1/${app.pid}`);
    expect(await response.text()).toBe('hello');
  });

  it('reports its memory after a full garbage collection', async () => {
    await start(`${HELLO_SERVER}${RETAINED_OBJECTS}`);
    const [first, again] = [await readProbe(directory, app.pid), await readProbe(directory, app.pid)];
    expect(first.pid).toBe(app.pid);
    expect(first.memory.heapUsedBytes).toBeGreaterThan(200_000 * 16);
    expect(first.memory.residentBytes).toBeGreaterThan(first.memory.heapUsedBytes);
    expect(Math.abs(again.memory.heapUsedBytes - first.memory.heapUsedBytes)).toBeLessThan(500_000);
  });

  it('reports its event loop delay since the previous report', async () => {
    const url = await start(`
import { createServer } from 'node:http';
const block = (ms) => { for (const end = performance.now() + ms; performance.now() < end; ); };
const server = createServer((_request, response) => { block(300); response.end(); });
server.listen(0, '127.0.0.1', () => process.send(server.address().port));`);
    expect((await readProbe(directory, app.pid)).eventLoop).toBeNull();
    await fetch(url);
    await fetch(url);
    const { eventLoop } = await readProbe(directory, app.pid);
    expect(eventLoop?.delayMaxMs).toBeGreaterThan(250);
    expect(eventLoop?.utilization).toBeGreaterThan(0);
  });

  it('counts the resources that keep it alive', async () => {
    await start();
    const { resources } = await readProbe(directory, app.pid, { collectGarbage: false });
    expect(resources.TCPServerWrap).toBe(1);
  });

  it('is not kept alive by its probe', async () => {
    app = await startTestProcess(`process.send('ready'); process.disconnect();`, withProbe({}, { runId: 'run-1', directory }));
    await expect.poll(() => isRunning(app.pid), { timeout: 60_000 }).toBe(false);
    await expect(readProbe(directory, app.pid)).rejects.toThrow(`The probe of process ${app.pid} does not respond.`);
  });
});

describe('a load with the processes under test', () => {
  it('accepts responses of the processes under test and measures their CPU time', async () => {
    const url = await start();
    const processes = { runId: 'run-1', pids: [app.pid] };
    const load = await closedLoop({ url, connections: 2, durationMs: 300, watch: [app.pid], check: { processes } });
    expect(load.wrong.count).toBe(0);
    expect(load.responsesByProcess).toEqual({ [app.pid]: load.responses });
    expect(load.cpuSeconds).toBeGreaterThan(0);
  });

  it('rejects responses of a process that has another configuration', async () => {
    const url = await start(HELLO_SERVER, { env: { COLOR: 'red' }, configured: ['COLOR'] });
    const loadFor = (color: string) => {
      const processes = { runId: 'run-1', pids: [app.pid], configurationHash: hashConfiguration({ COLOR: color }, ['COLOR']) };
      return closedLoop({ url, connections: 1, durationMs: 50, check: { processes } });
    };
    expect((await loadFor('red')).wrong.count).toBe(0);
    expect((await loadFor('blue')).responses).toBe(0);
  });

  it.each([
    ['an earlier run', { runId: 'run-0' }],
    ['another process', { pids: [1] }],
  ])('rejects responses of %s', async (_which, other) => {
    const url = await start();
    const processes = { runId: 'run-1', pids: [app.pid], ...other };
    const load = await closedLoop({ url, connections: 1, durationMs: 50, check: { processes } });
    expect(load.responses).toBe(0);
    expect(load.wrong.reasons).toEqual({ 'response from a process that is not under test': load.wrong.count });
  });
});

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
