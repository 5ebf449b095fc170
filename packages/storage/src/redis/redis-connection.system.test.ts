import { createLogger, createMetrics } from '@prodigon/platform';
import { startTestLink, startTestRedis, type TestRedis } from '@prodigon/testing';
import { afterAll, beforeAll, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { createRedisConnection, type RedisConnection } from './redis-connection.ts';

/** Longer than a command may take on a busy machine, and much shorter than a command that waits for Redis. */
const WAIT = { timeout: 30_000 };
const UNAVAILABLE = { code: 'SERVICE_UNAVAILABLE', message: 'Redis is unavailable.' };

let server: TestRedis;
beforeAll(async () => {
  server = await startTestRedis();
});
afterAll(() => server.close());
beforeEach(() => server.restart());

async function connect(url = server.url) {
  const lines: Record<string, unknown>[] = [];
  const destination = { write: (line: string) => void lines.push(JSON.parse(line)) };
  const logger = createLogger({ service: 'test', level: 'info', secrets: [], destination });
  const metrics = createMetrics();
  const connection = createRedisConnection({ url, logger, metrics });
  onTestFinished(() => connection.close());
  const changes: boolean[] = [];
  connection.onChange((isAvailable) => changes.push(isAvailable));
  await connection.connected();
  const gauge = async () => /^redis_up (.+)$/m.exec(await metrics.registry.metrics())?.[1];
  return { connection, changes, lines, gauge };
}

const setKey = ({ run }: RedisConnection) => run((redis) => redis.set('key', 'value'));
const untilUnavailable = (connection: RedisConnection) =>
  vi.waitFor(async () => {
    await setKey(connection).catch(() => {});
    expect(connection.isAvailable()).toBe(false);
  }, WAIT);
const untilAvailable = (connection: RedisConnection) => vi.waitFor(() => expect(connection.isAvailable()).toBe(true), WAIT);

/** Ways in which Redis is lost and returns. */
const FAULTS: Record<string, () => Promise<{ url: string; begin(): unknown; end(): unknown }>> = {
  killed: async () => ({ url: server.url, begin: () => server.kill('SIGKILL'), end: () => server.restart() }),
  suspended: async () => ({ url: server.url, begin: () => server.kill('SIGSTOP'), end: () => server.kill('SIGCONT') }),
  'cut off': async () => {
    const link = await startTestLink(server.url);
    onTestFinished(() => link.close());
    return { url: link.url, begin: link.cut, end: link.restore };
  },
};

describe.each(Object.keys(FAULTS))('while Redis is %s', (name) => {
  it('rejects every command, and runs commands again after its return', async () => {
    const { url, begin, end } = (await FAULTS[name]?.()) ?? { url: '', begin() {}, end() {} };
    const { connection, changes, lines, gauge } = await connect(url);
    await setKey(connection);
    await begin();

    const failures = await Promise.allSettled(Array.from({ length: 20 }, () => setKey(connection)));
    for (const failure of failures) expect(failure).toMatchObject({ status: 'rejected', reason: UNAVAILABLE });
    await vi.waitFor(() => expect(changes).toEqual([true, false]), WAIT);
    expect(connection.isAvailable()).toBe(false);
    expect(await gauge()).toBe('0');

    await end();
    await untilAvailable(connection);
    expect(await setKey(connection)).toBe('OK');
    expect(changes).toEqual([true, false, true]);
    expect(await gauge()).toBe('1');
    expect(lines.map(({ level, msg }) => `${level} ${msg}`)).toEqual(['40 Redis is unavailable', '40 Redis is available again']);
  });
});

it('fails immediately while a suspended server does not respond to new connections', async () => {
  const { connection } = await connect();
  await server.kill('SIGSTOP');
  await untilUnavailable(connection);
  const failed: string[] = [];
  // A macrotask is enough for a rejection, and no timer of the connection can expire before it.
  const nextTurn = new Promise((resolve) => setImmediate(resolve));
  setKey(connection).catch(({ code }) => failed.push(code));
  await nextTurn;
  expect(failed).toEqual(['SERVICE_UNAVAILABLE']);
});

it('notices a suspended server without a command', async () => {
  const { connection } = await connect();
  await server.kill('SIGSTOP');
  await vi.waitFor(() => expect(connection.isAvailable()).toBe(false), WAIT);
});

it('survives a flush', async () => {
  const { connection, changes } = await connect();
  await setKey(connection);
  await server.flush();
  expect(await connection.run((redis) => redis.get('key'))).toBeNull();
  expect(changes).toEqual([true]);
});

it('connects later to a server that does not run yet', async () => {
  await server.kill('SIGKILL');
  const { connection, changes, lines } = await connect();
  expect(changes).toEqual([false]);
  expect(lines).toMatchObject([{ msg: 'Redis is unavailable', cause: 'ECONNREFUSED' }]);
  await server.restart();
  await untilAvailable(connection);
});

it('keeps the response that arrived while this process was busy', async () => {
  const { connection, changes } = await connect();
  const result = setKey(connection);
  await new Promise((resolve) => setImmediate(resolve));
  const until = performance.now() + 500;
  while (performance.now() < until);
  expect(await result).toBe('OK');
  expect(changes).toEqual([true]);
});

it('rejects commands that Redis has no memory for, and stays connected', async () => {
  const { connection, changes } = await connect();
  await server.run('CONFIG SET maxmemory-policy noeviction');
  await server.run('CONFIG SET maxmemory 1');
  await expect(setKey(connection)).rejects.toMatchObject(UNAVAILABLE);
  expect(changes).toEqual([true]);
});

it('passes on errors in the commands themselves', async () => {
  const { connection } = await connect();
  await setKey(connection);
  await expect(connection.run((redis) => redis.lpush('key', '1'))).rejects.toThrow('WRONGTYPE');
});

it('logs no password, neither its own nor a wrong one', async () => {
  const secured = await startTestRedis({ settings: { requirepass: 'right-password' } });
  onTestFinished(() => secured.close());
  const { connection } = await connect(secured.url);
  expect(await setKey(connection)).toBe('OK');

  const wrong = await connect(secured.url.replace('right-password', 'wrong-password'));
  await expect(setKey(wrong.connection)).rejects.toMatchObject(UNAVAILABLE);
  expect(wrong.lines).toMatchObject([{ msg: 'Redis is unavailable', cause: 'WRONGPASS' }]);
  expect(JSON.stringify(wrong.lines)).not.toContain('password');
});
