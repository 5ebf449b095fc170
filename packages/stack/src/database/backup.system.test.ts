import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { MIGRATION_NAMES } from '@prodigon/storage';
import { createTestDatabase, type TestDatabase } from '@prodigon/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { TableProgress } from './backup-format.ts';
import { withConnection } from './connect-database.ts';
import { resetDatabase } from './reset-database.ts';
import { restoreBackup } from './restore-backup.ts';
import { writeBackup } from './write-backup.ts';

let folder: string;
let path: string;
const databases: TestDatabase[] = [];

const query = (url: string, sql: string, values: unknown[] = []) =>
  withConnection(url, async (client) => (await client.query(sql, values)).rows);

/** Creates a migrated database and a table with values that are hard to serialize. */
async function createMigratedDatabase(): Promise<string> {
  const created = await createTestDatabase({ isMigrated: true });
  databases.push(created);
  await query(
    created.url,
    `CREATE TABLE worker.awkward (
       id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, "Text ""quoted""" text, amount numeric, ratio double precision,
       at timestamptz, day date, span interval, data jsonb, bytes bytea, words text[], flag boolean,
       doubled numeric GENERATED ALWAYS AS (amount * 2) STORED
     );
     CREATE TABLE worker.a_child (id int PRIMARY KEY, parent bigint NOT NULL REFERENCES worker.awkward)`,
  );
  return created.url;
}

const TEXTS = ['', ' ', '\\.', '\n\\.\n', '\\', '\\N', 'a\tb\r\nc\\n\u2028', '👩‍👩‍👧 é 漢字 \u0001', 'x'.repeat(300_000), null];

async function fill(url: string): Promise<void> {
  for (const text of TEXTS) {
    await query(
      url,
      `INSERT INTO worker.awkward ("Text ""quoted""", amount, ratio, at, day, span, data, bytes, words, flag)
       VALUES ($1, 12345678901234567890.123456789, 0.1::float8 + 0.2, '2026-03-29 02:30:00.123456+05:45', '0044-03-15 BC', '1 mon -3 days', $2, $3, $4, NULL)`,
      [text, JSON.stringify({ text, nested: [1, null, '\n'] }), Buffer.from([0, 1, 10, 92, 255]), [text, 'a,b', '"']],
    );
  }
  await query(url, 'INSERT INTO worker.a_child SELECT 1, min(id) FROM worker.awkward');
}

const contents = (url: string) =>
  Promise.all([
    query(url, 'SELECT a::text AS row, doubled FROM worker.awkward a ORDER BY id'),
    query(url, 'SELECT * FROM worker.a_child'),
  ]);
const restore = (url: string, options: { replace?: boolean; path?: string } = {}) =>
  restoreBackup({ url, path, replace: false, ...options });

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'prodigon-backup-'));
  path = join(folder, 'all.backup');
});
afterEach(async () => {
  rmSync(folder, { recursive: true, force: true });
  for (const { drop } of databases.splice(0)) await drop();
});

describe('writeBackup', () => {
  it('preserves every value, and restored sequences continue where the original stopped', async () => {
    const [from, to] = [await createMigratedDatabase(), await createMigratedDatabase()];
    await fill(from);
    const written: TableProgress[] = [];
    await writeBackup({ url: from, target: path, onProgress: (progress) => written.push(progress) });
    const restored: TableProgress[] = [];
    await restoreBackup({ url: to, path, replace: false, onProgress: (progress) => restored.push(progress) });

    expect(await contents(to)).toEqual(await contents(from));
    expect(restored).toEqual(written);
    expect(written).toContainEqual({ table: 'worker.awkward', rows: TEXTS.length });
    const [next] = await query(to, 'INSERT INTO worker.awkward (flag) VALUES (true) RETURNING id::int');
    expect(next).toEqual({ id: TEXTS.length + 1 });
  });

  it('writes one file that begins with a header and that only its owner can read', async () => {
    const url = await createMigratedDatabase();
    await writeBackup({ url, target: path });
    expect(readdirSync(folder)).toEqual(['all.backup']);
    expect(statSync(path).mode & 0o777).toBe(0o600);
    const header = JSON.parse(gunzipSync(readFileSync(path)).toString().split('\n')[0] ?? '');
    expect(header).toMatchObject({ format: 'prodigon-backup', format_version: 1, migrations: MIGRATION_NAMES });
  });

  it('captures a consistent snapshot during concurrent writes', async () => {
    const [from, to] = [await createMigratedDatabase(), await createMigratedDatabase()];
    await fill(from);
    const before = await contents(from);
    let more: Promise<unknown> = Promise.resolve();
    await writeBackup({
      url: from,
      target: path,
      onProgress: ({ table }) => {
        if (table !== 'worker.a_child')
          more = Promise.all([more, query(from, 'INSERT INTO worker.awkward (flag) VALUES (true)')]);
      },
    });
    await more;
    await restore(to);
    expect(await contents(to)).toEqual(before);
  });

  it('never overwrites a file, and leaves none behind when it fails', async () => {
    const url = await createMigratedDatabase();
    writeFileSync(path, 'precious');
    await expect(writeBackup({ url, target: path })).rejects.toThrow(`${path} already exists. Choose a new file name.`);
    expect(readFileSync(path, 'utf8')).toBe('precious');
    const elsewhere = join(folder, 'nowhere', 'file');
    await expect(writeBackup({ url, target: elsewhere })).rejects.toThrow(`${elsewhere} cannot be written (ENOENT).`);
    const stopped = AbortSignal.abort();
    await expect(writeBackup({ url, target: join(folder, 'b'), signal: stopped })).rejects.toThrow();
    expect(readdirSync(folder)).toEqual(['all.backup']);
  });

  it('rejects a database without the tables of Prodigon', async () => {
    const { url } = databases[databases.push(await createTestDatabase()) - 1] as TestDatabase;
    await expect(writeBackup({ url, target: path })).rejects.toThrow('There is nothing to back up');
  });
});

describe('restoreBackup', () => {
  it('requires an empty database unless the caller allows replacing its data', async () => {
    const [from, to] = [await createMigratedDatabase(), await createMigratedDatabase()];
    await fill(from);
    await writeBackup({ url: from, target: path });
    await query(to, 'INSERT INTO worker.awkward (flag) VALUES (true)');
    const before = await contents(to);
    await expect(restore(to)).rejects.toThrow(
      'The database is not empty: there are rows in worker.awkward. To delete its data, add --replace.',
    );
    expect(await contents(to)).toEqual(before);
    await restore(to, { replace: true });
    expect(await contents(to)).toEqual(await contents(from));
  });

  it('rejects an incomplete file or a file that is not a backup, and changes nothing', async () => {
    const url = await createMigratedDatabase();
    await fill(url);
    await writeBackup({ url, target: path });
    const before = await contents(url);
    const whole = readFileSync(path);
    const text = gunzipSync(whole);
    const broken = {
      'cut off': whole.subarray(0, whole.length - 9),
      'most of it': whole.subarray(0, Math.floor(whole.length * 0.9)),
      'one byte changed': Buffer.concat([whole.subarray(0, -20), Buffer.from([(whole.at(-20) ?? 0) ^ 255]), whole.subarray(-19)]),
      'without its last line': gzipSync(text.subarray(0, text.lastIndexOf('{"complete"'))),
      'without a row': gzipSync(text.toString('latin1').replace(/\n[^\n]*\n\\\.\n/, '\n\\.\n'), {}),
      'with something after it': gzipSync(Buffer.concat([text, Buffer.from('more\n')])),
    };
    for (const [damage, bytes] of Object.entries(broken)) {
      writeFileSync(path, bytes);
      await expect(restore(url, { replace: true }), damage).rejects.toThrow(
        `${path} is damaged or incomplete. Nothing has been changed.`,
      );
    }
    for (const bytes of ['', 'plain text', gzipSync('{"format":"other"}\n'), gzipSync('x'.repeat(3_000_000))]) {
      writeFileSync(path, bytes);
      await expect(restore(url, { replace: true })).rejects.toThrow(
        `${path} is not a backup that this version of Prodigon can read.`,
      );
    }
    await expect(restore(url, { path: join(folder, 'none') })).rejects.toThrow('none does not exist.');
    expect(await contents(url)).toEqual(before);
  });

  it('rejects a backup of another version or with unknown tables', async () => {
    const url = await createMigratedDatabase();
    await writeBackup({ url, target: path });
    const [first = '', ...rest] = gunzipSync(readFileSync(path)).toString().split('\n');
    const changed = (change: object) =>
      writeFileSync(path, gzipSync([JSON.stringify({ ...JSON.parse(first), ...change }), ...rest].join('\n')));
    changed({ migrations: [...JSON.parse(first).migrations, '9999-later'] });
    await expect(restore(url)).rejects.toThrow('was written by a later Prodigon');
    changed({ migrations: [] });
    await expect(restore(url)).rejects.toThrow('was written by an earlier Prodigon');
    const [table] = JSON.parse(first).tables;
    changed({ tables: JSON.parse(first).tables.with(0, { ...table, schema: 'pg_catalog', name: 'pg_authid' }) });
    await expect(restore(url)).rejects.toThrow('are not those of this database. Nothing has been changed.');
  });

  it('changes nothing when the database rejects the last row', async () => {
    const [from, to] = [await createMigratedDatabase(), await createMigratedDatabase()];
    await fill(from);
    await query(to, 'INSERT INTO worker.awkward (flag) VALUES (true)');
    const before = await contents(to);
    await query(to, 'ALTER TABLE worker.a_child ADD CHECK (id > 1)');
    await writeBackup({ url: from, target: path });
    await expect(restore(to, { replace: true })).rejects.toMatchObject({ code: '23514' });
    expect(await contents(to)).toEqual(before);
  });

  it.each(['restore', 'reset'])('rejects a %s while a service uses the database', async (operation) => {
    const url = await createMigratedDatabase();
    await writeBackup({ url, target: path });
    await withConnection(url, async (client) => {
      await client.query("SET application_name = 'prodigon'");
      await expect(operation === 'restore' ? restore(url) : resetDatabase(url)).rejects.toThrow(
        'A service of Prodigon uses this database (from 127.0.0.1). Stop it first.',
      );
    });
  });
});

it('resets only the schemas of the platform', async () => {
  const url = await createMigratedDatabase();
  await fill(url);
  await query(url, 'CREATE TABLE public.theirs AS SELECT 7 AS x');
  await resetDatabase(url);
  expect(await query(url, "SELECT to_regclass('worker.awkward') AS awkward, count(*)::int AS jobs FROM worker.jobs")).toEqual([
    { awkward: null, jobs: 0 },
  ]);
  expect(await query(url, 'SELECT x FROM public.theirs')).toEqual([{ x: 7 }]);
});
