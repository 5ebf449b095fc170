import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { findOrphanedDatabase, startEmbeddedDatabase, withConnection } from '@prodigon/stack';
import { MIGRATION_NAMES, migrateDatabase } from '@prodigon/storage';
import { copyClusterTemplate, createTestDatabase, type TestDatabase } from '@prodigon/testing';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type CliFixture, createCliFixture, spawnProdigon, WAIT } from './run-prodigon.test-support.ts';

const KEY_SQL = "INSERT INTO worker.idempotency_keys (owner_id, key, fingerprint, response) VALUES ('o', $1, 'f', '{}')";
let fixture: CliFixture;
let file: string;

beforeEach(() => {
  fixture = createCliFixture();
  file = join(fixture.folder, 'all.backup');
});
afterEach(() => fixture.close());

const run: CliFixture['run'] = (...args) => fixture.run(...args);
const insertKey = (url: string, key: string) => withConnection(url, (client) => client.query(KEY_SQL, [key]));
const keysIn = (url: string) =>
  withConnection(url, async (client) => {
    const { rows } = await client.query<{ key: string }>('SELECT key FROM worker.idempotency_keys ORDER BY key');
    return rows.map(({ key }) => key);
  });

const LAUNCHER = join(import.meta.dirname, '../../../prodigon');
const shell = (command: string) => spawnSync('sh', ['-c', command, LAUNCHER], { env: fixture.env, encoding: 'utf8' });

describe('with the configured database', () => {
  let database: TestDatabase;
  beforeEach(async () => {
    database = await createTestDatabase();
    fixture.env.DATABASE_URL = database.url;
  });
  afterEach(() => database.drop());

  it('migrates, backs up, resets and restores it', async () => {
    const migrated = await run('migrate');
    expect(migrated).toMatchObject({ code: 0, stderr: '' });
    for (const name of MIGRATION_NAMES) expect(migrated.stdout).toContain(`Applied ${name}.\n`);
    expect(await run('migrate')).toMatchObject({ code: 0, stdout: expect.stringMatching(/^The database .* is up to date\.\n$/) });
    await insertKey(database.url, 'first');

    expect(await run('backup', file)).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(new RegExp(`^Backed up the database .* to ${file}\\.\n$`)),
      stderr: expect.stringContaining('  worker.idempotency_keys: 1 row\n'),
    });
    expect(statSync(file).mode & 0o777).toBe(0o600);

    await insertKey(database.url, 'second');
    const rejected = await run('restore', file);
    expect(rejected).toMatchObject({
      code: 1,
      stdout: '',
      stderr: expect.stringMatching(/^The database is not empty: [^\n]*add --replace\.\n$/),
    });
    expect(await keysIn(database.url)).toEqual(['first', 'second']);
    expect(await run('restore', file, '--replace')).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^Restored the backup of 20/),
    });
    expect(await keysIn(database.url)).toEqual(['first']);

    expect(await run('reset', '--yes')).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^Deleted all data of Prodigon in the database/),
    });
    expect(await keysIn(database.url)).toEqual([]);
    expect((await run('restore', file)).code).toBe(0);
    expect(await keysIn(database.url)).toEqual(['first']);

    const piped = shell('$0 backup - | $0 restore - --replace');
    expect(piped).toMatchObject({ status: 0, stdout: expect.stringMatching(/^Restored the backup of 20[^\n]*\n$/) });
    expect(await keysIn(database.url)).toEqual(['first']);
    expect(shell('echo no | $0 restore -')).toMatchObject({
      status: 1,
      stderr: expect.stringContaining('Standard input is not a backup'),
    });
    if (process.platform !== 'linux') return;
    expect(shell('$0 backup - >/dev/full')).toMatchObject({
      status: 1,
      stderr: expect.stringContaining('Standard output cannot be written (ENOSPC).\n'),
    });
  });

  it('rejects a reset without --yes and without a terminal', async () => {
    await run('migrate');
    await insertKey(database.url, 'first');
    expect(await run('reset')).toMatchObject({
      code: 2,
      stdout: '',
      stderr: expect.stringMatching(/^Without a terminal, this command requires --yes/),
    });
    expect(await keysIn(database.url)).toEqual(['first']);
  });

  it('rejects a damaged backup and changes nothing', async () => {
    await run('migrate');
    await insertKey(database.url, 'first');
    await run('backup', file);
    writeFileSync(file, readFileSync(file).subarray(0, -8));
    expect(await run('restore', file, '--replace')).toEqual({
      code: 1,
      stdout: '',
      stderr: `${file} is damaged or incomplete. Nothing has been changed.\n`,
    });
    expect(await keysIn(database.url)).toEqual(['first']);
  });
});

describe('with the embedded database', () => {
  beforeEach(() => copyClusterTemplate(fixture.env.DATA_DIR));

  /** Runs `work` with the database between the commands. */
  async function using<Result>(work: (url: string) => Promise<Result>): Promise<Result> {
    const embedded = await startEmbeddedDatabase({ dataDirectory: fixture.env.DATA_DIR });
    try {
      return await work(embedded.url);
    } finally {
      await embedded.stop();
    }
  }

  it('starts it for each command and leaves nothing running', async () => {
    const expectSuccess = async (...args: string[]) => {
      expect(await run(...args)).toMatchObject({ code: 0 });
      expect(existsSync(join(fixture.env.DATA_DIR, 'database', 'postmaster.pid'))).toBe(false);
    };
    await expectSuccess('migrate');
    await using((url) => insertKey(url, 'first'));
    await expectSuccess('backup', file);
    await expectSuccess('reset', '--yes');
    await expectSuccess('restore', file);
    expect(await using(keysIn)).toEqual(['first']);
  });

  it('stops a backup on Ctrl-C, and removes its file and the database that it started', async () => {
    await using(async (url) => {
      await migrateDatabase(url);
      await withConnection(url, (client) =>
        client.query(
          `INSERT INTO worker.idempotency_keys (owner_id, key, fingerprint, response)
           SELECT 'o', n::text, 'f', to_jsonb(repeat(md5(n::text), 500)) FROM generate_series(1, 5000) n`,
        ),
      );
    });
    const backup = spawnProdigon(['backup', file], fixture.env);
    await vi.waitFor(() => expect(existsSync(`${file}.partial`)).toBe(true), WAIT);
    backup.child.kill('SIGINT');
    expect((await backup.ended).code).toBe(130);
    expect([existsSync(file), existsSync(`${file}.partial`)]).toEqual([false, false]);
    expect(findOrphanedDatabase(fixture.env.DATA_DIR)).toBeNull();
  });
});

describe('an unusable DATABASE_URL', () => {
  it.each(['start', 'migrate', 'backup'])('ends prodigon %s with 1 and one line without the password', async (command) => {
    fixture.env.DATABASE_URL = 'postgresql://me:hunter2-secret@127.0.0.1:9/none';
    expect(await run(command, ...(command === 'backup' ? [file] : []))).toEqual({
      code: 1,
      stdout: '',
      stderr: 'DATABASE_URL cannot be used: no PostgreSQL server answers at 127.0.0.1:9 (ECONNREFUSED).\n',
    });
    expect(existsSync(file)).toBe(false);
  });

  it('is reported when its database is missing or its password is wrong', async () => {
    const database = await createTestDatabase();
    const url = new URL(database.url);
    await database.drop();
    fixture.env.DATABASE_URL = url.href;
    expect(await run('migrate')).toMatchObject({
      code: 78,
      stderr: `DATABASE_URL cannot be used: the server at ${url.host} has no database "${url.pathname.slice(1)}".\n`,
    });
    url.password = 'hunter2-secret';
    fixture.env.DATABASE_URL = url.href;
    expect((await run('migrate')).stderr).toBe(
      `DATABASE_URL cannot be used: the server at ${url.host} does not accept the user "prodigon" or its password.\n`,
    );
  });
});
