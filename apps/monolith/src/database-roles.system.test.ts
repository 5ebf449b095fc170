import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { ConfigurationError, REPOSITORY_ROOT } from '@prodigon/platform';
import { migrateDatabase, withConnection, withDatabase, writeBackup } from '@prodigon/stack';
import { startPgBouncer, startTestPostgres, type TestPostgres } from '@prodigon/testing';
import { afterAll, beforeAll, expect, it, onTestFinished } from 'vitest';
import { shareDatabase, start } from './environment-variables.test-support.ts';

const PAGE = readFileSync(join(REPOSITORY_ROOT, 'docs/architecture/database.md'), 'utf8');
/** The SQL of the page: for an administrator, for the owner, and for a pooler. */
const [ADMINISTRATOR = '', OWNER = '', POOLER = ''] = [...PAGE.matchAll(/```sql\n(.*?)```/gs)].map(([, sql]) => sql);

shareDatabase();
let server: TestPostgres;
let ownerUrl: string;
let appUrl: string;

const query = (url: string, sql: string) => withConnection(url, async (client) => (await client.query(sql)).rows);

function urlOf(user: string): string {
  const url = new URL(withDatabase(server.url, 'roles'));
  url.username = `prodigon_${user}`;
  url.password = `replace-this-${user}-password`;
  return url.href;
}

beforeAll(async () => {
  server = await startTestPostgres();
  // The server of the tests already has a database with the name on the page.
  const statements = ADMINISTRATOR.replace('DATABASE prodigon', 'DATABASE roles').split(';\n').filter(Boolean);
  for (const sql of statements) await query(server.url, sql);
  [ownerUrl, appUrl] = [urlOf('owner'), urlOf('app')];
  await query(ownerUrl, OWNER);
});
afterAll(() => server.close());

/** Runs a job to its end and returns its counts. */
async function runJob(url: string): Promise<{ status: string; completed_prompts: number }> {
  const submitted = await fetch(`${url}/api/v1/jobs`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ prompts: ['one', 'two', 'three'], model: 'prodigon-sim?ttft_ms=0&tokens_per_s=5000&tokens=3' }),
  });
  const { job_id } = await submitted.json();
  await (await fetch(`${url}/api/v1/jobs/${job_id}/events`)).text();
  return (await fetch(`${url}/api/v1/jobs/${job_id}`)).json();
}

// Each test continues with the database of the one before.
it('names the missing privilege when the role of the services finds pending migrations', async () => {
  await expect(start('monolith', { DATABASE_URL: appUrl })).rejects.toEqual(
    new ConfigurationError([
      'The database user "prodigon_app" may not apply the pending migrations: run `./prodigon migrate` as the owner of the tables, or grant this user CREATE on the database',
    ]),
  );
});

it('runs a job as the role of the services after the owner has migrated the database', async () => {
  expect(await migrateDatabase(ownerUrl)).not.toEqual([]);
  const { url } = await start('monolith', { DATABASE_URL: appUrl });
  expect(await runJob(url)).toMatchObject({ status: 'completed', completed_prompts: 3 });
  await expect(query(appUrl, 'drop table worker.jobs')).rejects.toMatchObject({ code: '42501' });
  await expect(query(appUrl, 'create table worker.own (x int)')).rejects.toMatchObject({ code: '42501' });
});

it('backs up the database as the role of the services', async () => {
  const target = new PassThrough().resume();
  const { tables } = await writeBackup({ url: appUrl, target });
  expect(tables.length).toBeGreaterThan(3);
});

it('runs a job through PgBouncer, with the settings of the role', async () => {
  await query(server.url, POOLER);
  const pgBouncer = await startPgBouncer({ urls: [appUrl], mode: 'transaction' });
  onTestFinished(() => pgBouncer.close());
  const pooledUrl = pgBouncer.through(appUrl);
  expect(await query(pooledUrl, 'show enable_bitmapscan')).toEqual([{ enable_bitmapscan: 'off' }]);
  const { url } = await start('monolith', { DATABASE_URL: pooledUrl, DATABASE_DIRECT_URL: appUrl });
  expect(await runJob(url)).toMatchObject({ status: 'completed', completed_prompts: 3 });
});
