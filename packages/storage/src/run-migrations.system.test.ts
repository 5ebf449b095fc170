import { ConfigurationError } from '@prodigon/platform/configuration';
import { createTestDatabase } from '@prodigon/testing';
import { type Kysely, sql } from 'kysely';
import { expect, it, onTestFinished } from 'vitest';
import { createDatabase } from './create-database.ts';
import type { Database } from './database-schema.ts';
import { createPostgresJobStore } from './postgres-job-store.ts';
import { createPostgresLeaseStore } from './postgres-lease-store.ts';
import { createPostgresJobQueue } from './queue/postgres-job-queue.ts';
import { applyMigrations, MIGRATION_NAMES } from './run-migrations.ts';

async function openEmptyDatabase() {
  const { url, drop } = await createTestDatabase();
  const { db, close } = createDatabase({ url });
  onTestFinished(async () => {
    await close();
    await drop();
  });
  return db;
}

const idOf = (number: number) => `00000000-0000-7000-8000-00000000000${number}`;

/** Inserts a job as the schema before `0003-job-status` stores it. */
async function insertOldJob(db: Kysely<Database>, number: number, status: string, stopReason: string | null, items: string[]) {
  const isCompleted = !['queued', 'running', 'stopping'].includes(status);
  const count = (...statuses: string[]) => items.filter((each) => statuses.includes(each)).length;
  await sql`
    insert into worker.jobs (id, owner_id, name, status, stop_reason, max_tokens, temperature, priority, total,
                             succeeded, failed, cancelled, settled_before, completed_at, expires_at)
    values (${idOf(number)}, 'ada', ${`${status} ${stopReason}`}, ${status}, ${stopReason}, 100, 0, 0, ${items.length},
            ${count('succeeded')}, ${count('failed')}, ${count('cancelled', 'expired')}, 7, ${isCompleted ? sql`now()` : null},
            now() + interval '1 day')
  `.execute(db);
  for (const [index, itemStatus] of items.entries())
    await sql`
      insert into worker.job_items (job_id, index, owner_id, prompt, rank, status, lease, worker_id)
      values (${idOf(number)}, ${index}, 'ada', 'prompt', now(), ${itemStatus}, 1, ${itemStatus === 'running' ? idOf(9) : null})
    `.execute(db);
}

it('converts job statuses and stop reasons of a database with the previous schema', async () => {
  const db = await openEmptyDatabase();
  await applyMigrations(db, '0002-usage');
  await sql`insert into worker.workers (id, name, lease_expires_at) values (${idOf(9)}, 'old', now() + interval '1 hour')`.execute(
    db,
  );
  await insertOldJob(db, 1, 'queued', null, ['pending']);
  await insertOldJob(db, 2, 'running', null, ['running', 'retrying', 'pending']);
  await insertOldJob(db, 3, 'stopping', 'cancelled', ['running', 'cancelled']);
  await insertOldJob(db, 4, 'stopping', 'halted', ['running', 'failed']);
  await insertOldJob(db, 5, 'failed', 'halted', ['failed']);
  await insertOldJob(db, 6, 'cancelled', 'cancelled', ['cancelled']);
  await insertOldJob(db, 7, 'completed', null, ['succeeded']);
  await insertOldJob(db, 8, 'expired', 'expired', ['expired']);

  expect(await applyMigrations(db)).toEqual(MIGRATION_NAMES.slice(2));
  expect(
    await db.selectFrom('worker.jobs').select(['status', 'stop_reason', 'ended_before_retry']).orderBy('id').execute(),
  ).toEqual([
    { status: 'pending', stop_reason: null, ended_before_retry: 7 },
    { status: 'running', stop_reason: null, ended_before_retry: 7 },
    { status: 'running', stop_reason: 'cancelled', ended_before_retry: 7 },
    { status: 'running', stop_reason: 'aborted', ended_before_retry: 7 },
    { status: 'failed', stop_reason: 'aborted', ended_before_retry: 7 },
    { status: 'cancelled', stop_reason: 'cancelled', ended_before_retry: 7 },
    { status: 'completed', stop_reason: null, ended_before_retry: 7 },
    { status: 'expired', stop_reason: 'expired', ended_before_retry: 7 },
  ]);

  // The converted jobs continue: one is cancelled and ends with its item in flight, the others can be claimed.
  const jobStore = createPostgresJobStore(db);
  const leaseStore = createPostgresLeaseStore(db);
  expect(await jobStore.get('ada', idOf(3))).toMatchObject({ status: 'running', cancelling: true, running_prompts: 1 });
  expect(await jobStore.get('ada', idOf(3))).toMatchObject({ max_tokens: 100, temperature: 0 });
  expect(await jobStore.get('ada', idOf(4))).toMatchObject({ status: 'running', cancelling: false });
  expect(await leaseStore.findStoppedJobs([1, 2, 3, 4].map(idOf))).toEqual(new Set([3, 4].map(idOf)));
  await leaseStore.closeSession({ id: idOf(9), name: 'old', leaseMs: 1 });
  expect(await jobStore.get('ada', idOf(3))).toMatchObject({ status: 'cancelled', cancelled_prompts: 2 });
  expect(await jobStore.get('ada', idOf(4))).toMatchObject({ status: 'failed', failed_prompts: 2 });
  const session = { id: '00000000-0000-7000-8000-000000000010', name: 'new', leaseMs: 60_000 };
  await leaseStore.openSession(session);
  expect(await createPostgresJobQueue(db).claim(session, 10)).toHaveLength(3);
  expect((await jobStore.list('ada', { limit: 9, status: 'running' })).jobs.map(({ job_id }) => job_id)).toEqual([
    idOf(2),
    idOf(1),
  ]);
});

it.each([
  ['status', 'queued'],
  ['status', 'stopping'],
  ['stop_reason', 'halted'],
])('rejects the previous value of the column %s: %s', async (column, value) => {
  const db = await openEmptyDatabase();
  await applyMigrations(db, '0002-usage');
  await insertOldJob(db, 1, 'queued', null, ['pending']);
  await applyMigrations(db);
  await expect(sql`update worker.jobs set ${sql.ref(column)} = ${value}`.execute(db)).rejects.toMatchObject({ code: '23514' });
});

it('rejects a database that a newer version has migrated', async () => {
  const db = await openEmptyDatabase();
  await applyMigrations(db);
  await sql`insert into prodigon.migrations (name, timestamp) values ('9999-later', 'now')`.execute(db);
  await expect(applyMigrations(db)).rejects.toEqual(
    new ConfigurationError([
      'A newer version of Prodigon has migrated the database (9999-later): start that version, or restore a backup of this version into an empty database',
    ]),
  );
});

it('stores new jobs as pending', async () => {
  const db = await openEmptyDatabase();
  await applyMigrations(db);
  await sql`
    insert into worker.jobs (id, owner_id, name, max_tokens, temperature, priority, total, expires_at)
    values (${idOf(1)}, 'ada', 'new', 1, 0, 0, 1, now())
  `.execute(db);
  expect(await db.selectFrom('worker.jobs').select('status').execute()).toEqual([{ status: 'pending' }]);
});
