import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import { readInternalToken, resolveInternalToken } from '@prodigon/platform/configuration';
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { createFakeProcesses, flush, GRPC_URL } from './fake-processes.test-support.ts';
import { NODE_FLAGS } from './node-flags.ts';
import { StackError } from './stack-error.ts';
import { readState } from './state-file.ts';

const [MODEL_URL, WORKER_URL, GATEWAY_URL] = ['http://127.0.0.1:4001', 'http://127.0.0.1:4002', 'http://127.0.0.1:4003'];
const STARTED = ['model started', 'worker started', 'gateway started'];
const REMOTE = { MODEL_SERVICE_URL: 'http://10.0.0.7:8001', WORKER_SERVICE_URL: 'http://10.0.0.7:8002' };

let fake: ReturnType<typeof createFakeProcesses>;
beforeEach(() => {
  fake = createFakeProcesses();
});

const state = () => readState(fake.dataDirectory);

describe('start', () => {
  it('starts each service after those that it calls, and resolves with the URL of the gateway', async () => {
    const stack = fake.create();
    expect(await stack.start()).toBe(GATEWAY_URL);
    expect(fake.log).toEqual(STARTED);
    expect([stack.only, stack.processes.map(({ title }) => title)]).toEqual([null, ['model service', 'worker', 'gateway']]);
  });

  it('runs Node with the flags and the entry of the service, on the output of this process', async () => {
    await fake.create({ env: { LANG: 'C' } }).start();
    const { program, args, options, env } = fake.latest('worker');
    expect(program).toBe(process.execPath);
    expect(args).toEqual([...NODE_FLAGS.worker, join(fake.rootDirectory, 'apps/worker/src/main.ts')]);
    expect(options).toMatchObject({ cwd: fake.rootDirectory, stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
    expect(env).toMatchObject({ LANG: 'C', DATA_DIR: fake.dataDirectory });
  });

  it('writes the output of the processes to the given file', async () => {
    await fake.create({ output: 7 }).start();
    expect(fake.started.map(({ options }) => options.stdio)).toEqual(Array(3).fill(['ignore', 7, 7, 'ipc']));
  });

  it('passes the addresses of the running services and of the database', async () => {
    await fake.create().start();
    const [model, worker, gateway] = fake.started.map(({ env }) => env);
    expect([model?.DATABASE_URL, worker?.DATABASE_URL, gateway?.DATABASE_URL]).toEqual([
      fake.database.url,
      fake.database.url,
      fake.database.url,
    ]);
    expect([worker?.MODEL_SERVICE_URL, gateway?.MODEL_SERVICE_URL]).toEqual([MODEL_URL, MODEL_URL]);
    expect([worker?.MODEL_GRPC_URL, gateway?.MODEL_GRPC_URL]).toEqual([GRPC_URL, GRPC_URL]);
    expect([worker?.WORKER_SERVICE_URL, gateway?.WORKER_SERVICE_URL]).toEqual([undefined, WORKER_URL]);
  });

  it('passes the gRPC port of the operator', async () => {
    await fake.create({ env: { MODEL_GRPC_PORT: '0' } }).start();
    expect(fake.latest('model').env.MODEL_GRPC_PORT).toBe('0');
  });

  it('restarts a model service on its gRPC port', async () => {
    await fake.create().start();
    expect(fake.latest('model').env.MODEL_GRPC_PORT).toBeUndefined();
    fake.latest('model').child.exit(null, 'SIGSEGV');
    fake.timers.fire(250);
    await flush();
    expect(fake.latest('model').env.MODEL_GRPC_PORT).toBe('4011');
  });

  it('creates one internal token for all services, which commands on this machine can read', async () => {
    await fake.create().start();
    const tokens = new Set(fake.started.map(({ env }) => env.INTERNAL_TOKEN));
    expect([...tokens]).toEqual([readInternalToken(undefined, fake.dataDirectory)]);
  });

  it('ends the start when the internal token cannot be stored', async () => {
    mkdirSync(join(fake.dataDirectory, 'internal-token'), { recursive: true });
    const stack = fake.create();
    await expect(stack.start()).rejects.toMatchObject({
      exitCode: 78,
      message: expect.stringContaining('internal-token (EISDIR)'),
    });
    expect([await stack.ended, fake.started]).toEqual([expect.objectContaining({ exitCode: 78 }), []]);
  });

  it('passes the configured internal token', async () => {
    await fake.create({ env: { INTERNAL_TOKEN: 'a-token-of-the-operator' } }).start();
    expect(fake.started.map(({ env }) => env.INTERNAL_TOKEN)).toEqual(Array(3).fill('a-token-of-the-operator'));
  });

  it('passes the user of the services, also to a restarted process', async () => {
    fake.findServiceUser.mockReturnValue({ user: { uid: 70, gid: 71 } });
    const stack = fake.create();
    await stack.start();
    await stack.reload();
    expect(fake.started.map(({ env }) => env.PRODIGON_SERVICE_USER)).toEqual(Array(6).fill('70:71'));
  });

  it('lets only the first process report warnings of the configuration, and no restarted one', async () => {
    const stack = fake.create({ replicas: { model: 2 } });
    await stack.start();
    await stack.reload();
    const reporters = fake.started.map(({ env }) => env.PRODIGON_CONFIGURATION_REPORTED === undefined);
    expect(reporters).toEqual([true, ...Array(reporters.length - 1).fill(false)]);
    expect(reporters).toHaveLength(8);
  });

  it('reports why its services run as root', async () => {
    fake.findServiceUser.mockReturnValue({ user: null, notice: 'The services run as root, because they must.' });
    await fake.create().start();
    expect(fake.messages()).toEqual(['The services run as root, because they must.']);
    expect(fake.started.map(({ env }) => env.PRODIGON_SERVICE_USER)).toEqual(Array(3).fill(undefined));
  });

  it('passes the internal token of the data directory to a standalone service', async () => {
    const token = resolveInternalToken(undefined, fake.dataDirectory);
    const stack = fake.create({ only: 'gateway' });
    await stack.start();
    expect(fake.latest('gateway').env.INTERNAL_TOKEN).toBe(token);
    expect([stack.only, readState(fake.dataDirectory, 'gateway')?.only, state()]).toEqual(['gateway', 'gateway', null]);
  });

  it('switches the workshop off for a gateway alone, unless the operator configures it', async () => {
    const labsOf = async (env: NodeJS.ProcessEnv) => {
      const stack = fake.create({ only: 'gateway', env: { LABS: '', ...env } });
      await stack.start();
      await stack.stop();
      return fake.latest('gateway').env.LABS;
    };
    expect(await labsOf({})).toBe('false');
    expect(await labsOf({ LAB_SERVICE_URL: 'http://127.0.0.1:8' })).toBe('');
    expect(await labsOf({ LABS: 'true' })).toBe('true');
  });

  it('starts the processes that need the database when it is ready', async () => {
    const opened = Promise.withResolvers<string>();
    fake.database.start.mockReturnValue(opened.promise);
    const starting = fake.create().start();
    await flush();
    expect(fake.log).toEqual([]);
    opened.resolve(fake.database.url);
    expect(await starting).toBe(GATEWAY_URL);
  });

  it('creates no database for a gateway with remote services', async () => {
    const url = await fake.create({ env: REMOTE }).start();
    expect([url, fake.log]).toEqual([MODEL_URL, ['gateway started']]);
    expect(fake.createDatabase).not.toHaveBeenCalled();
  });

  it('checks the configured database instead of creating one', async () => {
    const stack = fake.create({ env: { DATABASE_URL: 'postgresql://127.0.0.1:1/prodigon' } });
    await expect(stack.start()).rejects.toMatchObject({ exitCode: 1, message: expect.stringContaining('127.0.0.1:1') });
    expect([fake.log, state()]).toEqual([[], null]);
    expect(fake.createDatabase).not.toHaveBeenCalled();
  });

  it('starts replicas and passes all of their URLs to their clients', async () => {
    const stack = fake.create({ replicas: { model: 2 } });
    await stack.start();
    expect(stack.processes.map(({ title }) => title)).toEqual(['model service 1', 'model service 2', 'worker', 'gateway']);
    expect(fake.latest('gateway').env.MODEL_SERVICE_URL).toBe(`${MODEL_URL},${WORKER_URL}`);
  });

  it('rejects a port in use before it starts a process', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    onTestFinished(() => void other.close());
    await once(other, 'listening');
    const { port } = other.address() as AddressInfo;
    await expect(fake.create({ env: { GATEWAY_PORT: String(port) } }).start()).rejects.toMatchObject({
      message: `Port ${port} is taken by another program. Stop it, or set GATEWAY_PORT to a free port.`,
      exitCode: 78,
    });
    expect([fake.log, state()]).toEqual([['database stop'], null]);
  });

  it('rejects a DATA_DIR that is not writable', async () => {
    writeFileSync(join(fake.rootDirectory, 'file'), '');
    await expect(fake.create({ env: { DATA_DIR: 'file/data' } }).start()).rejects.toMatchObject({
      message: expect.stringContaining('file/data (ENOTDIR)'),
      exitCode: 78,
    });
    expect(fake.log).toEqual(['database stop']);
  });

  it('stops everything and reports the error when the database does not start', async () => {
    const error = new StackError('No PostgreSQL is installed.');
    fake.database.start.mockRejectedValue(error);
    const stack = fake.create();
    await expect(stack.start()).rejects.toBe(error);
    expect([fake.log, state(), await stack.ended]).toEqual([['database stop'], null, error]);
  });

  it('ends without an error for the operator after an unexpected one', async () => {
    fake.database.start.mockRejectedValue(new TypeError('bug'));
    const stack = fake.create();
    await expect(stack.start()).rejects.toThrow('bug');
    expect(await stack.ended).toBeNull();
  });

  it('stops the started processes when a later one cannot run', async () => {
    fake.silent.add('worker');
    const starting = fake.create().start();
    await flush();
    fake.latest('worker').child.exit(78);
    await expect(starting).rejects.toMatchObject({ exitCode: 78 });
    expect(fake.log).toEqual(['model started', 'worker started', 'model SIGTERM', 'database stop']);
    expect(state()).toBeNull();
  });

  it('is interrupted by a stop', async () => {
    fake.silent.add('model');
    const stack = fake.create();
    const interrupted = expect(stack.start()).rejects.toThrow('The start was interrupted.');
    await flush();
    await stack.stop();
    await interrupted;
    expect(fake.log).toEqual(['model started', 'model SIGTERM', 'database stop']);
  });

  it('starts no process when a stop comes before the database is ready', async () => {
    const opened = Promise.withResolvers<string>();
    fake.database.start.mockReturnValue(opened.promise);
    const stack = fake.create();
    const interrupted = expect(stack.start()).rejects.toThrow('The start was interrupted.');
    await flush();
    const stopped = stack.stop();
    opened.resolve(fake.database.url);
    await Promise.all([interrupted, stopped]);
    expect(fake.log).toEqual(['database stop']);
  });
});

describe('an invalid configuration', () => {
  it('is rejected with every problem', () => {
    expect(() => fake.create({ env: { GATEWAY_PORT: 'abc', USE_MOCK: 'perhaps' } })).toThrow(
      expect.objectContaining({ exitCode: 78, message: expect.stringMatching(/GATEWAY_PORT.*USE_MOCK/s) }),
    );
  });

  it('of replicas is rejected', () => {
    expect(() => fake.create({ replicas: { worker: 2 }, env: { QUEUE_TYPE: 'memory' } })).toThrow(
      expect.objectContaining({ exitCode: 78, message: expect.stringMatching(/^QUEUE_TYPE is memory/) }),
    );
  });
});

it('stops the stack when a process that ran before has an invalid configuration', async () => {
  const stack = fake.create();
  await stack.start();
  fake.latest('model').child.exit(78);
  expect(await stack.ended).toMatchObject({ exitCode: 78 });
  expect(fake.log).toEqual([...STARTED, 'gateway SIGTERM', 'worker SIGTERM', 'database stop']);
  expect(state()).toBeNull();
});

it('kills every process and the database without draining', async () => {
  const stack = fake.create();
  await stack.start();
  stack.kill();
  expect(fake.log.slice(3)).toEqual(['model SIGKILL', 'worker SIGKILL', 'gateway SIGKILL', 'database kill']);
});

it('replaces every process with a new one on its port, which may take a second', async () => {
  const stack = fake.create();
  await stack.start();
  fake.stubborn.add('model');
  const reloaded = stack.reload();
  expect(fake.messages()).toEqual(['The source has changed. Restarting.']);
  expect(fake.timers.waiting()).toEqual([1_000, 1_000, 1_000]);
  await flush();
  fake.timers.fire(1_000);
  await reloaded;
  await flush();
  expect(
    fake.started
      .slice(3)
      .map(({ service }) => service)
      .sort(),
  ).toEqual(['gateway', 'model', 'worker']);
  expect(fake.latest('model').env.MODEL_PORT).toBe('4001');
});
