import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { createTestDatabase, reservePort, startApp } from '@prodigon/testing';
import { describe, expect, it, onTestFinished, vi } from 'vitest';

const SCRIPT = resolve(import.meta.dirname, 'start-service.mjs');
const WAIT = { timeout: 60_000, interval: 20 };

/** Starts a service as its image does, until the test ends. */
function start(name: string, env: Record<string, string>, parameters: readonly string[] = []) {
  const folder = mkdtempSync(join(tmpdir(), 'prodigon-start-service-'));
  const child = spawn(process.execPath, [SCRIPT, name, ...parameters], {
    env: { PATH: process.env.PATH, DATA_DIR: folder, WORKER_PORT: '0', MODEL_PORT: '0', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const exited = once(child, 'exit');
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (part: string) => (output += part));
  onTestFinished(async () => {
    child.kill('SIGKILL');
    await exited;
    rmSync(folder, { recursive: true });
  });
  return { output: () => output, terminate: () => child.kill('SIGTERM'), exited };
}

it.each([
  [
    'a secret',
    { INTERNAL_TOKEN_FILE: '/run/secrets/NO_SUCH_SECRET' },
    'the file /run/secrets/NO_SUCH_SECRET of INTERNAL_TOKEN_FILE',
  ],
  ['the database', { DATABASE_URL: 'postgresql://127.0.0.1:9/prodigon' }, 'the database at 127.0.0.1:9'],
])('says once that it waits for %s, and stops on SIGTERM', async (_subject, env, expected) => {
  const service = start('worker', env);
  await vi.waitFor(() => expect(service.output()).toBe(`Waiting for ${expected}.\n`), WAIT);
  service.terminate();
  expect(await service.exited).toEqual([0, null]);
});

it('becomes the service, which drains on SIGTERM', async () => {
  const database = await createTestDatabase();
  onTestFinished(() => database.drop());
  const service = start('worker', { DATABASE_URL: database.url, MODEL_SERVICE_URL: `http://127.0.0.1:${await reservePort()}` });
  await vi.waitFor(() => expect(service.output()).toContain('worker listens on'), WAIT);
  service.terminate();
  expect(await service.exited).toEqual([0, null]);
  expect(service.output()).toContain('SIGTERM: draining');
});

it.each([
  ['model', 0],
  ['migrate', 143],
])('ends immediately when it stops while the %s loads', async (name, code) => {
  const loading = join(mkdtempSync(join(tmpdir(), 'prodigon-loading-')), 'loading.mjs');
  onTestFinished(() => rmSync(dirname(loading), { recursive: true }));
  // The first module of the service sends the signal, before the service handles it.
  writeFileSync(
    loading,
    `import { registerHooks } from 'node:module';
registerHooks({ load(url, context, next) { if (url.endsWith('/dist/main.mjs')) process.kill(process.pid, 'SIGTERM'); return next(url, context); } });`,
  );
  const service = start(name, { NODE_OPTIONS: `--import=${loading}` });
  expect(await service.exited).toEqual([code, null]);
});

it('applies the migrations and ends', async () => {
  const database = await createTestDatabase();
  onTestFinished(() => database.drop());
  const migrations = start('migrate', { DATABASE_URL: database.url });
  expect(await migrations.exited).toEqual([0, null]);
  expect(migrations.output()).toContain('Applied 0001-batch-jobs.');
});

it('passes its parameters to a command, which returns its exit code', async () => {
  const database = await createTestDatabase({ isMigrated: true });
  onTestFinished(() => database.drop());
  const backup = start('backup', { DATABASE_URL: database.url }, ['/no/such/folder/prodigon.gz']);
  expect(await backup.exited).toEqual([1, null]);
  expect(backup.output()).toContain('/no/such/folder/prodigon.gz cannot be written');
});

describe('keys', () => {
  const INTERNAL_TOKEN = 'internal-token-of-this-test-only';

  it('creates a key with the rights of the operator of the gateway in its container', async () => {
    const gateway = await startApp('monolith', { REQUIRE_API_KEY: 'on', INTERNAL_TOKEN });
    onTestFinished(() => gateway.close());
    const env = { INTERNAL_TOKEN, GATEWAY_PORT: new URL(gateway.url).port };
    const create = start('keys', env, ['create', 'ada-laptop', '--owner', 'ada']);
    expect(await create.exited).toEqual([0, null]);
    const key = /^prodigon_\w+$/m.exec(create.output())?.[0];
    const me = await fetch(`${gateway.url}/api/v1/me`, { headers: { authorization: `Bearer ${key}` } });
    expect(await me.json()).toMatchObject({ owner: 'ada', role: 'member' });
  });

  it('does not send the internal token to another gateway', async () => {
    const received: (string | undefined)[] = [];
    const other = createServer((request, response) => {
      received.push(request.headers.authorization);
      response.writeHead(401).end();
    }).listen(0, '127.0.0.1');
    onTestFinished(() => void other.close());
    await once(other, 'listening');
    const url = `http://127.0.0.1:${(other.address() as AddressInfo).port}`;
    const list = start('keys', { INTERNAL_TOKEN }, ['list', '--url', url]);
    await list.exited;
    expect(new Set(received)).toEqual(new Set([undefined]));
  });
});
