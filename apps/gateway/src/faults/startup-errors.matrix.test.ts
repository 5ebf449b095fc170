import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { AppStartError, createTestDatabase, matrixOf, startApp, type TestDatabase } from '@prodigon/testing';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';

const APPS = [
  { app: 'gateway', port: 'GATEWAY_PORT', needsDatabase: false },
  { app: 'model', port: 'MODEL_PORT', needsDatabase: false },
  { app: 'worker', port: 'WORKER_PORT', needsDatabase: true },
  { app: 'monolith', port: 'GATEWAY_PORT', needsDatabase: true },
] as const;
/** Required to listen on an address that other machines can reach. */
const SECRETS = { API_KEYS: 'key-of-a-caller-0123456789', INTERNAL_TOKEN: 'token-of-these-tests-0123' };
type App = (typeof APPS)[number]['app'];

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase({ isMigrated: true });
});
afterAll(() => database?.drop());

/** Returns the exit and the output of an app that must fail to start. */
async function startFailing(app: App, env: Record<string, string>): Promise<Pick<AppStartError, 'exit' | 'output'>> {
  const failure: unknown = await startApp(app, { USE_MOCK: 'true', DATABASE_URL: database.url, ...env }).then(
    (running) => running.close(),
    (thrown) => thrown,
  );
  if (!(failure instanceof AppStartError)) return expect.unreachable('It started.');
  return { exit: failure.exit, output: failure.output };
}

const configurationError = (problem: string) => `The configuration has a problem:\n  ${problem}\n`;

/** Occupies a loopback port until the test ends, and returns it. */
async function occupyPort(): Promise<number> {
  const server = createServer();
  await once(server.listen(0, '127.0.0.1'), 'listening');
  onTestFinished(() => void server.close());
  return (server.address() as AddressInfo).port;
}

/** `npm test` runs one app without a database and one with a database. */
const TESTED_APPS = matrixOf(APPS, ({ app }) => app === 'gateway' || app === 'worker');

describe.each(TESTED_APPS)('$app', ({ app, port, needsDatabase }) => {
  it.each([
    ['LOG_LEVEL', 'loud', 'LOG_LEVEL must be one of fatal, error, warn, info, debug, trace, silent (it is "loud")'],
    [port, '8000x', `${port} must be a whole number from 0 to 65535 (it is "8000x")`],
    ['INTERNAL_TOKEN', 'short-canary', 'INTERNAL_TOKEN must have at least 16 characters'],
    ['DATABASE_URL', 'mysql://ada:hunter2@db', 'DATABASE_URL must be a URL such as postgresql://user:password@host:5432/name'],
    ['ENVIRONMENT_FILE', '/nowhere/name', 'ENVIRONMENT_FILE names a file that does not exist: /nowhere/name'],
  ])('explains an invalid %s in one sentence and exits with 78', async (name, value, problem) => {
    const { exit, output } = await startFailing(app, { [name]: value });
    expect(exit).toEqual({ code: 78, signal: null });
    expect(output).toBe(configurationError(problem));
  });

  it('names the variable of a port that is taken and exits with 78', async () => {
    const taken = await occupyPort();
    const { exit, output } = await startFailing(app, { [port]: String(taken) });
    expect(exit).toEqual({ code: 78, signal: null });
    expect(output).toBe(configurationError(`Port ${taken} on 127.0.0.1 is taken by another program: set ${port} to a free port`));
  });

  it('exits with 78 when the configured host is not an address of this machine', async () => {
    const env = { HOST: '203.0.113.7', INTERNAL_HOST: '203.0.113.7', ...SECRETS };
    const { exit, output } = await startFailing(app, env);
    expect(exit).toEqual({ code: 78, signal: null });
    expect(output).toBe(configurationError('203.0.113.7 is not an address of this machine'));
  });

  it('names a missing models file and exits with 78', async () => {
    const { exit, output } = await startFailing(app, { MODELS_FILE: '/nowhere/models.yaml' });
    expect(exit).toEqual({ code: 78, signal: null });
    expect(output.trimEnd().split('\n')).toHaveLength(2);
    expect(output).toContain('/nowhere/models.yaml');
  });

  it(needsDatabase ? 'names an unreachable database and exits with 1' : 'starts while the database is unreachable', async () => {
    const env = { DATABASE_URL: 'postgresql://ada:hunter2@127.0.0.1:9/prodigon' };
    if (needsDatabase) {
      expect(await startFailing(app, env)).toEqual({
        exit: { code: 1, signal: null },
        output: 'DATABASE_URL cannot be used: no PostgreSQL server answers at 127.0.0.1:9 (ECONNREFUSED).\n',
      });
      return;
    }
    const running = await startApp(app, { USE_MOCK: 'true', ...env });
    onTestFinished(() => running.close());
    expect((await fetch(`${running.url}/livez`)).status).toBe(200);
    expect(running.output()).not.toContain('hunter2');
  });
});
