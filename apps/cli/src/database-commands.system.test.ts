import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findOrphanedDatabase, startEmbeddedDatabase, withConnection } from '@prodigon/stack';
import { MIGRATION_NAMES } from '@prodigon/storage';
import { createTestDatabase, type TestDatabase } from '@prodigon/testing';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type CommandResult, runProdigon } from './run-prodigon.test-support.ts';

const WAIT = { timeout: 60_000, interval: 20 };
const KEY_SQL = "INSERT INTO worker.idempotency_keys (owner_id, key, fingerprint, response) VALUES ('o', $1, 'f', '{}')";
let folder: string;
let env: NodeJS.ProcessEnv;
let file: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'prodigon-commands-'));
  // As root the embedded database is another user, who has to pass through.
  chmodSync(folder, 0o711);
  file = join(folder, 'all.backup');
  const { PATH, HOME } = process.env;
  const ports = { GATEWAY_PORT: '0', MODEL_PORT: '0', WORKER_PORT: '0' };
  env = { PATH, HOME, DATA_DIR: join(folder, 'data'), USE_MOCK: 'true', ...ports };
});
afterEach(async () => {
  await run('stop');
  rmSync(folder, { recursive: true, force: true });
});

const run = (...args: string[]): Promise<CommandResult> => runProdigon(args, env).ended;
const insertKey = (url: string, key: string) => withConnection(url, (client) => client.query(KEY_SQL, [key]));
const keysIn = (url: string) =>
  withConnection(url, async (client) => {
    const { rows } = await client.query<{ key: string }>('SELECT key FROM worker.idempotency_keys ORDER BY key');
    return rows.map(({ key }) => key);
  });

describe.each(['embedded', 'configured'])('with the %s database', (kind) => {
  let configured: TestDatabase | null = null;
  beforeEach(async () => {
    configured = kind === 'configured' ? await createTestDatabase() : null;
    if (configured) env.DATABASE_URL = configured.url;
  });
  afterEach(() => configured?.drop());

  /** Works on it as the platform would, which does not run meanwhile. */
  async function using<Result>(work: (url: string) => Promise<Result>): Promise<Result> {
    if (configured) return work(configured.url);
    const embedded = await startEmbeddedDatabase({ dataDirectory: env.DATA_DIR as string });
    try {
      return await work(embedded.url);
    } finally {
      await embedded.stop();
    }
  }

  it('migrate, backup, reset and restore do what they say, and leave nothing running', async () => {
    const migrated = await run('migrate');
    expect(migrated).toMatchObject({ code: 0, stderr: '' });
    for (const name of MIGRATION_NAMES) expect(migrated.stdout).toContain(`Applied ${name}.\n`);
    expect(await run('migrate')).toMatchObject({ code: 0, stdout: expect.stringMatching(/^The database .* is up to date\.\n$/) });
    await using((url) => insertKey(url, 'first'));

    expect(await run('backup', file)).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(new RegExp(`^Everything in the database .* is in ${file}\\.\n$`)),
      stderr: expect.stringContaining('  worker.idempotency_keys: 1 row\n'),
    });
    expect(statSync(file).mode & 0o777).toBe(0o600);

    await using((url) => insertKey(url, 'second'));
    const refused = await run('restore', file);
    expect(refused).toMatchObject({
      code: 1,
      stdout: '',
      stderr: expect.stringMatching(/^The database is not empty: [^\n]*add --replace\.\n$/),
    });
    expect(await using(keysIn)).toEqual(['first', 'second']);
    expect(await run('restore', file, '--replace')).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^What was backed up at 20/),
    });
    expect(await using(keysIn)).toEqual(['first']);

    expect(await run('reset', '--yes')).toMatchObject({ code: 0, stdout: expect.stringMatching(/has been deleted\.\n$/) });
    expect(await using(keysIn)).toEqual([]);
    expect((await run('restore', file)).code).toBe(0);
    expect(await using(keysIn)).toEqual(['first']);
    expect(findOrphanedDatabase(env.DATA_DIR as string)).toBeNull();
  });

  it('reset asks first, and where nobody can be asked wants --yes', async () => {
    await run('migrate');
    await using((url) => insertKey(url, 'first'));
    expect(await run('reset')).toMatchObject({
      code: 2,
      stdout: '',
      stderr: expect.stringMatching(/^reset deletes all data, [^\n]*--yes/),
    });
    expect(await using(keysIn)).toEqual(['first']);
  });

  it('refuses a damaged backup and changes nothing', async () => {
    await run('migrate');
    await using((url) => insertKey(url, 'first'));
    await run('backup', file);
    writeFileSync(file, readFileSync(file).subarray(0, -8));
    expect(await run('restore', file, '--replace')).toEqual({
      code: 1,
      stdout: '',
      stderr: `${file} is damaged or not whole. Nothing has been changed.\n`,
    });
    expect(await using(keysIn)).toEqual(['first']);
  });
});

describe('while the platform runs', () => {
  it('migrate and backup work on its database, which goes on; restore and reset are refused', async () => {
    const platform = runProdigon(['start'], env);
    await platform.printed(/Prodigon is running/);
    const status = await run('status');
    expect(status).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/database +pid \d+ +postgresql:\/\/127\.0\.0\.1:\d+\/prodigon/),
    });
    expect(status.stdout).toMatch(/worker +pid \d+ +http/);
    expect((await run('migrate')).code).toBe(0);
    expect((await run('backup', file)).code).toBe(0);
    for (const args of [
      ['restore', file, '--replace'],
      ['reset', '--yes'],
    ])
      expect(await run(...args)).toEqual({
        code: 1,
        stdout: '',
        stderr: `Prodigon runs (pid ${platform.child.pid}). Stop it first: npx prodigon stop\n`,
      });
    expect((await run('status')).stdout).toBe(status.stdout);
    expect((await run('stop')).stdout).toBe('Prodigon has stopped.\n');
    expect(findOrphanedDatabase(env.DATA_DIR as string)).toBeNull();
  });

  it('prodigon start --only worker runs the worker and the database, and stop ends both', async () => {
    const worker = runProdigon(['start', '--only', 'worker'], env);
    await worker.printed(/The worker service is running: http\S+\n {2}Stop/);
    expect((await run('status')).stdout).toMatch(/\(worker alone\) runs at .*\n {2}database +pid .*\n {2}worker +pid /);
    expect((await run('stop')).code).toBe(0);
    expect((await worker.ended).code).toBe(0);
    expect(await run('status')).toMatchObject({ code: 0, stdout: 'Prodigon is not running.\n' });
  });

  it('stop ends the database that a killed platform has left', async () => {
    const platform = runProdigon(['start'], env);
    await platform.printed(/Prodigon is running/);
    platform.child.kill('SIGKILL');
    await platform.ended;
    expect(findOrphanedDatabase(env.DATA_DIR as string)).not.toBeNull();
    expect(await run('stop')).toMatchObject({
      code: 0,
      stderr: expect.stringMatching(/The database of an earlier start still runs \(pid \d+\)\./),
    });
    expect(findOrphanedDatabase(env.DATA_DIR as string)).toBeNull();
  });
});

describe('a DATABASE_URL that cannot be used', () => {
  it.each(['start', 'migrate', 'backup'])('ends prodigon %s with 78 and one line without the password', async (command) => {
    env.DATABASE_URL = 'postgresql://me:hunter2-secret@127.0.0.1:9/none';
    expect(await run(command, ...(command === 'backup' ? [file] : []))).toEqual({
      code: 78,
      stdout: '',
      stderr: 'DATABASE_URL cannot be used: no PostgreSQL server answers at 127.0.0.1:9 (ECONNREFUSED).\n',
    });
    expect(existsSync(file)).toBe(false);
  });

  it('is one with a wrong password, or without its database', async () => {
    const database = await createTestDatabase();
    const url = new URL(database.url);
    await database.drop();
    env.DATABASE_URL = url.href;
    expect((await run('migrate')).stderr).toBe(
      `DATABASE_URL cannot be used: the server at ${url.host} has no database "${url.pathname.slice(1)}".\n`,
    );
    url.password = 'hunter2-secret';
    env.DATABASE_URL = url.href;
    expect((await run('migrate')).stderr).toBe(
      `DATABASE_URL cannot be used: the server at ${url.host} does not accept the user "prodigon" or its password.\n`,
    );
  });
});

it('a Ctrl-C stops a backup, its file and the database that was started for it', async () => {
  await run('migrate');
  const embedded = await startEmbeddedDatabase({ dataDirectory: env.DATA_DIR as string });
  await withConnection(embedded.url, (client) =>
    client.query(
      `INSERT INTO worker.idempotency_keys (owner_id, key, fingerprint, response)
       SELECT 'o', n::text, 'f', to_jsonb(repeat(md5(n::text), 500)) FROM generate_series(1, 20000) n`,
    ),
  );
  await embedded.stop();
  const backup = runProdigon(['backup', file], env);
  await vi.waitFor(() => expect(existsSync(`${file}.partial`)).toBe(true), WAIT);
  backup.child.kill('SIGINT');
  expect((await backup.ended).code).toBe(130);
  expect([existsSync(file), existsSync(`${file}.partial`)]).toEqual([false, false]);
  expect(findOrphanedDatabase(env.DATA_DIR as string)).toBeNull();
});

it.each([[['backup']], [['restore']], [['backup', 'one', 'two']]])(
  'prodigon %j is a mistake of the command line',
  async (args) => {
    expect(await run(...args)).toEqual({
      code: 2,
      stdout: '',
      stderr: `prodigon ${args[0]} takes one file. See: prodigon help\n`,
    });
  },
);
