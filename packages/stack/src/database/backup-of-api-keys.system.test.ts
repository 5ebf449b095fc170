import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { createTestDatabase } from '@prodigon/testing';
import { beforeEach, expect, it, onTestFinished } from 'vitest';
import { withConnection } from './connect-database.ts';
import { restoreBackup } from './restore-backup.ts';
import { writeBackup } from './write-backup.ts';

const [PARENT_ID, CHILD_ID] = ['0199a8f0-0000-7000-8000-000000000009', '0199a8f0-0000-7000-8000-000000000001'];
const [HASH, PREVIOUS_HASH] = ['the value', 'the value before'].map((value) => createHash('sha256').update(value).digest());
const HASHES = [HASH, PREVIOUS_HASH].flatMap((hash) => [hash?.toString('hex') ?? '', hash?.toString('base64') ?? '']);
const KEYS = 'SELECT id, hash, previous_hash, previous_expires_at, parent_id FROM gateway.api_keys ORDER BY id';
const NO_HASHES = { hash: null, previous_hash: null, previous_expires_at: null };

let path: string;
let [from, to] = ['', ''];
beforeEach(async () => {
  const folder = mkdtempSync(join(tmpdir(), 'prodigon-backup-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  path = join(folder, 'keys.backup');
  [from, to] = [await createDatabase(), await createDatabase()];
  await createKeys(from);
});

async function createDatabase(): Promise<string> {
  const { url, drop } = await createTestDatabase({ isMigrated: true });
  onTestFinished(drop);
  return url;
}

const query = (url: string, sql: string, values: unknown[] = []) =>
  withConnection(url, async (client) => (await client.query(sql, values)).rows);

async function createKeys(url: string): Promise<void> {
  const insertKey =
    'INSERT INTO gateway.api_keys (name, owner_id, role, id, parent_id, hash, previous_hash, previous_expires_at)';
  await query(url, `${insertKey} VALUES ('batch', 'ada', 'member', $1, NULL, $2, $3, now())`, [PARENT_ID, HASH, PREVIOUS_HASH]);
  await query(url, `${insertKey} VALUES ('child', 'ada', 'member', $1, $2, NULL, NULL, NULL)`, [CHILD_ID, PARENT_ID]);
  const insertSpending = 'INSERT INTO gateway.key_spending (key_id, day, day_tokens, month, month_tokens)';
  await query(url, `${insertSpending} VALUES ($1, '2026-01-31', 12, '2026-01-01', 345)`, [PARENT_ID]);
  const insertReservation = 'INSERT INTO gateway.budget_reservations (id, key_id, tokens, usd, expires_at)';
  await query(url, `${insertReservation} VALUES ($1, $1, 1, 1, now())`, [PARENT_ID]);
}

const readText = () => gunzipSync(readFileSync(path)).toString();

it('leaves out the hashes of API keys, so that restored keys have no value', async () => {
  await writeBackup({ url: from, target: path });
  for (const hash of HASHES) expect(readText()).not.toContain(hash);
  expect(await restoreBackup({ url: to, path, replace: false })).toMatchObject({ has_key_hashes: false });
  expect(await query(to, KEYS)).toEqual((await query(from, KEYS)).map((key) => ({ ...key, ...NO_HASHES })));
});

it('keeps the hashes of API keys if the caller asks for them', async () => {
  await writeBackup({ url: from, target: path, hasKeyHashes: true });
  expect(readText()).toContain(HASHES[0]);
  expect(await restoreBackup({ url: to, path, replace: false })).toMatchObject({ has_key_hashes: true });
  expect(await query(to, KEYS)).toEqual(await query(from, KEYS));
});

it('keeps what API keys have spent, but not the reservations of running requests', async () => {
  await writeBackup({ url: from, target: path });
  await restoreBackup({ url: to, path, replace: false });
  expect(await query(to, 'SELECT day_tokens, month_tokens FROM gateway.key_spending')).toEqual([
    { day_tokens: '12', month_tokens: '345' },
  ]);
  expect(await query(to, 'SELECT FROM gateway.budget_reservations')).toEqual([]);
});

it('restores into a database with API keys only if the caller allows replacing its data', async () => {
  await writeBackup({ url: from, target: path });
  await expect(restoreBackup({ url: from, path, replace: false })).rejects.toThrow('there are rows in gateway.api_keys.');
  await restoreBackup({ url: from, path, replace: true });
  expect(await query(from, KEYS)).toEqual([expect.objectContaining(NO_HASHES), expect.objectContaining(NO_HASHES)]);
});
