import { AppError, type ItemError, type JobInput, type JobItemStatus, jobSchema } from '@prodigon/contracts';
import type { NewJob, SubmittedJob } from '@prodigon/ports';
import { type Kysely, sql } from 'kysely';
import type { Database, StopReason } from './database-schema.ts';
import { keyInFlightError, keyMismatchError } from './idempotency/idempotency-errors.ts';
import { firstRank, itemRank } from './job-rank.ts';
import { selectJobs, toJob } from './job-rows.ts';

/** Final status and error of an item that does not start because its job stops. */
export const STOPPED_ITEM: Readonly<Record<StopReason, { readonly status: JobItemStatus; readonly error: ItemError | null }>> = {
  cancelled: { status: 'cancelled', error: null },
  expired: { status: 'expired', error: { code: 'BATCH_EXPIRED', message: 'The job expired before this prompt completed.' } },
  aborted: {
    status: 'failed',
    error: { code: 'JOB_HALTED', message: 'Not attempted, because too many prompts of this job failed in a row.' },
  },
};

/** Consecutive failures after which the remaining items of a job are not attempted. */
const CONSECUTIVE_FAILURES_MAX = 50;

/** Cancels the pending items of a job. The job ends when no item is in flight. Does nothing if the job has ended or is being cancelled. */
export function cancelJob(db: Kysely<Database>, ownerId: string, jobId: string): Promise<void> {
  return db.transaction().execute(async (trx) => {
    const job = await lockJob(trx, ownerId, jobId);
    if (job.completed_at !== null || job.stop_reason === 'cancelled') return;
    await stopJob(trx, jobId, 'cancelled');
    await finishJobs(trx, [jobId]);
  });
}

type RetriedJob = Pick<NewJob, 'ownerId' | 'jobId' | 'keyId'>;

/** Resets all items that did not succeed to `pending`. Throws `CONFLICT` while the job runs, or when all items succeeded. */
export function retryJob(db: Kysely<Database>, { ownerId, jobId, keyId }: RetriedJob): Promise<void> {
  return db.transaction().execute(async (trx) => {
    const job = await lockJob(trx, ownerId, jobId);
    if (job.completed_at === null) throw new AppError('CONFLICT', 'The job is still running. Wait until it ends, or cancel it.');
    if (job.succeeded === job.total) throw new AppError('CONFLICT', 'All prompts of this job succeeded.');
    const first = firstRank(ownerId, job.priority);
    await sql`update worker.jobs set rank = ${first} where id = ${jobId}`.execute(trx);
    await sql`
      update worker.job_items i set
        status = 'pending', failures = 0, leases_lost = 0, worker_id = null, started_at = null, completed_at = null,
        wait_ms = null, latency_ms = null, error_code = null, error_message = null, rank = r.rank, change = r.change
      from (
        select f.index, j.sequence + 1 as change, ${itemRank(sql`j.rank`, sql`row_number() over (order by f.index) - 1`)} as rank
        from worker.jobs j join worker.job_items f on f.job_id = j.id
        where j.id = ${jobId} and f.status in ('failed', 'cancelled', 'expired')
      ) r
      where i.job_id = ${jobId} and i.index = r.index
    `.execute(trx);
    await sql`
      update worker.jobs set
        status = 'pending', stop_reason = null, failed = 0, cancelled = 0, failures_in_a_row = 0,
        key_id = ${keyId ?? null}, ended_before_retry = succeeded, sequence = sequence + 1, error = null, started_at = null, completed_at = null,
        expires_at = now() + (expires_at - created_at)
      where id = ${jobId}
    `.execute(trx);
  });
}

/** Expires up to `limit` jobs that are past their expiry, and returns their number. Skips jobs that are locked. */
export function expireJobs(db: Kysely<Database>, limit: number): Promise<number> {
  return db.transaction().execute(async (trx) => {
    const jobs = await trx
      .selectFrom('worker.jobs')
      .select('id')
      .where('completed_at', 'is', null)
      .where('stop_reason', 'is', null)
      .where('expires_at', '<', sql<Date>`clock_timestamp()`)
      .orderBy('id')
      .limit(limit)
      .forNoKeyUpdate()
      .skipLocked()
      .execute();
    const ids = jobs.map(({ id }) => id);
    for (const id of ids) await stopJob(trx, id, 'expired');
    if (ids.length > 0) await finishJobs(trx, ids);
    return ids.length;
  });
}

/** Aborts the jobs with too many consecutive failures, because their remaining prompts would probably fail for the same reason. */
export async function abortFailingJobs(trx: Kysely<Database>, jobIds: readonly string[]): Promise<void> {
  const { rows } = await sql<{ id: string }>`
    update worker.jobs set error = 'Stopped after ' || failures_in_a_row || ' failures in a row.'
    where id = any(${jobIds}::uuid[]) and stop_reason is null and failures_in_a_row >= ${CONSECUTIVE_FAILURES_MAX}
      and succeeded + failed + cancelled < total
    returning id
  `.execute(trx);
  for (const { id } of rows) await stopJob(trx, id, 'aborted');
}

/**
 * Ends the given jobs whose items have all ended. The caller must hold locks on the jobs. When two transactions record the
 * last items concurrently, the second one then sees the results of both.
 */
export async function finishJobs(trx: Kysely<Database>, jobIds: readonly string[]): Promise<void> {
  await sql`
    update worker.jobs set
      status = case
        when stop_reason = 'cancelled' then 'cancelled'
        when stop_reason = 'expired' and cancelled > 0 then 'expired'
        when succeeded > 0 then 'completed'
        else 'failed'
      end,
      completed_at = clock_timestamp(),
      started_at = coalesce(started_at, clock_timestamp()),
      error = case when succeeded = 0 and failed > 0 then coalesce(error || ' ', '') || 'No prompt succeeded. Last error: ' || (
        select error_message from worker.job_items i
        where i.job_id = jobs.id and i.attempts > 0 and i.status = 'failed' order by i.change desc nulls last limit 1
      ) else error end
    where id = any(${jobIds}::uuid[]) and completed_at is null and succeeded + failed + cancelled = total
  `.execute(trx);
}

/** Ends all items of the locked job that are not in flight, and records the reason. */
async function stopJob(trx: Kysely<Database>, jobId: string, reason: StopReason): Promise<void> {
  const { status, error } = STOPPED_ITEM[reason];
  const { numUpdatedRows } = await trx
    .updateTable('worker.job_items as i')
    .from('worker.jobs as j')
    .whereRef('j.id', '=', 'i.job_id')
    .where('i.job_id', '=', jobId)
    .where('i.status', 'in', ['pending', 'retrying'])
    .set((eb) => ({
      status,
      completed_at: sql<Date>`clock_timestamp()`,
      next_attempt_at: null,
      error_code: error?.code ?? null,
      error_message: error?.message ?? null,
      change: eb('j.sequence', '+', 1),
    }))
    .executeTakeFirst();
  const count = Number(numUpdatedRows);
  const column = status === 'failed' ? 'failed' : 'cancelled';
  await trx
    .updateTable('worker.jobs')
    .where('id', '=', jobId)
    .set((eb) => ({
      status: 'running' as const,
      stop_reason: reason,
      sequence: eb('sequence', '+', 1),
      [column]: eb(column, '+', count),
    }))
    .execute();
}

async function lockJob(trx: Kysely<Database>, ownerId: string, jobId: string) {
  const job = await trx
    .selectFrom('worker.jobs')
    .select(['completed_at', 'stop_reason', 'succeeded', 'total', 'priority'])
    .where('owner_id', '=', ownerId)
    .where('id', '=', jobId)
    .forNoKeyUpdate()
    .executeTakeFirst();
  if (!job) throw new AppError('JOB_NOT_FOUND');
  return job;
}

const ITEMS_PER_INSERT = 1_000;

/** Stores the job, its items and the response for its idempotency key in one transaction. */
export function createJob(
  db: Kysely<Database>,
  job: NewJob,
  inputs: AsyncIterable<readonly JobInput[]> | Iterable<readonly JobInput[]>,
): Promise<SubmittedJob> {
  return db.transaction().execute(async (trx) => {
    const original = job.idempotency && (await claimKey(trx, job.ownerId, job.idempotency));
    if (original) return original;
    const rank = await insertJob(trx, job);
    await insertItems(trx, job, rank, inputs);
    const created = toJob(await selectJobs(trx).where('j.id', '=', job.jobId).executeTakeFirstOrThrow());
    if (job.idempotency) {
      const { key, fingerprint } = job.idempotency;
      await trx
        .insertInto('worker.idempotency_keys')
        .values({ owner_id: job.ownerId, key, fingerprint, response: JSON.stringify(created) })
        .execute();
    }
    return { job: created, isReplay: false };
  });
}

/**
 * Returns the original job of the key, or claims the key for this transaction. The lock makes concurrent submissions
 * fail fast; the unique index guarantees that the key creates one job.
 */
async function claimKey(
  trx: Kysely<Database>,
  ownerId: string,
  { key, fingerprint }: NonNullable<NewJob['idempotency']>,
): Promise<SubmittedJob | undefined> {
  const { rows } = await sql<{ is_free: boolean }>`
    select pg_try_advisory_xact_lock(hashtextextended(${`${ownerId}\n${key}`}, 0)) as is_free
  `.execute(trx);
  if (!rows[0]?.is_free) {
    throw keyInFlightError();
  }
  const earlier = await trx
    .selectFrom('worker.idempotency_keys')
    .select(['fingerprint', 'response', sql<boolean>`created_at < clock_timestamp() - interval '24 hours'`.as('is_expired')])
    .where('owner_id', '=', ownerId)
    .where('key', '=', key)
    .executeTakeFirst();
  if (!earlier) return undefined;
  if (earlier.is_expired) {
    await trx.deleteFrom('worker.idempotency_keys').where('owner_id', '=', ownerId).where('key', '=', key).execute();
    return undefined;
  }
  if (earlier.fingerprint !== fingerprint) {
    throw keyMismatchError();
  }
  return { job: jobSchema.parse(earlier.response), isReplay: true };
}

/** Returns the rank of the job as text, because a `Date` has no microseconds. */
async function insertJob(trx: Kysely<Database>, { jobId, ownerId, keyId, options, total }: NewJob): Promise<string> {
  const { name, model, max_tokens, temperature, system_prompt, priority, expires_in_hours } = options;
  const { rank } = await trx
    .insertInto('worker.jobs')
    .values({
      id: jobId,
      owner_id: ownerId,
      key_id: keyId ?? null,
      name,
      model: model ?? null,
      max_tokens: max_tokens ?? null,
      temperature: temperature ?? null,
      system_prompt: system_prompt ?? null,
      priority,
      rank: firstRank(ownerId, priority),
      total,
      expires_at: sql<Date>`now() + ${expires_in_hours}::int * interval '1 hour'`,
    })
    .returning(sql<string>`rank::text`.as('rank'))
    .executeTakeFirstOrThrow();
  return rank;
}

async function insertItems(
  trx: Kysely<Database>,
  { jobId, ownerId, total }: NewJob,
  rank: string,
  inputs: AsyncIterable<readonly JobInput[]> | Iterable<readonly JobInput[]>,
): Promise<void> {
  let index = 0;
  for await (const batch of inputs) {
    for (let start = 0; start < batch.length; start += ITEMS_PER_INSERT) {
      const items = batch.slice(start, start + ITEMS_PER_INSERT);
      await sql`
        insert into worker.job_items (job_id, index, owner_id, rank, custom_id, prompt)
        select ${jobId}::uuid, ${index}::int + number - 1, ${ownerId}::text,
          ${itemRank(sql`${rank}::timestamptz`, sql`${index}::int + number - 1`)}, custom_id, prompt
        from unnest(
          ${items.map(({ custom_id }) => custom_id ?? null)}::text[], ${items.map(({ prompt }) => prompt)}::text[]
        ) with ordinality as t(custom_id, prompt, number)
      `.execute(trx);
      index += items.length;
    }
  }
  if (index !== total) throw new Error(`The job declares ${total} prompts, but received ${index}`);
}
