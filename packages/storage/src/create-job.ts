import { AppError, type JobInput, jobSchema } from '@prodigon/contracts';
import type { NewJob, SubmittedJob } from '@prodigon/ports';
import { type Kysely, sql } from 'kysely';
import type { Database } from './database-schema.ts';
import { selectJobs, toJob } from './job-rows.ts';

/** Waiting time that equals one level of priority. */
export const MINUTES_PER_PRIORITY = 10;
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
    await insertJob(trx, job);
    await insertItems(trx, job, inputs);
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
    throw new AppError('CONFLICT', 'Another request with this Idempotency-Key is in progress.', { retryAfterSeconds: 1 });
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
    const details = [{ path: 'idempotency-key', message: 'Was used for a different request.' }];
    throw new AppError('VALIDATION_ERROR', 'This Idempotency-Key was used for a different request.', { details });
  }
  return { job: jobSchema.parse(earlier.response), isReplay: true };
}

async function insertJob(trx: Kysely<Database>, { jobId, ownerId, options, total }: NewJob): Promise<void> {
  const { name, model, max_tokens, temperature, system_prompt, priority, expires_in_hours } = options;
  await trx
    .insertInto('worker.jobs')
    .values({
      id: jobId,
      owner_id: ownerId,
      name,
      model: model ?? null,
      max_tokens,
      temperature,
      system_prompt: system_prompt ?? null,
      priority,
      total,
      expires_at: sql<Date>`now() + ${expires_in_hours}::int * interval '1 hour'`,
    })
    .execute();
}

async function insertItems(
  trx: Kysely<Database>,
  { jobId, ownerId, options, total }: NewJob,
  inputs: AsyncIterable<readonly JobInput[]> | Iterable<readonly JobInput[]>,
): Promise<void> {
  let index = 0;
  for await (const batch of inputs) {
    for (let start = 0; start < batch.length; start += ITEMS_PER_INSERT) {
      const items = batch.slice(start, start + ITEMS_PER_INSERT);
      await sql`
        insert into worker.job_items (job_id, index, owner_id, rank, custom_id, prompt)
        select ${jobId}::uuid, ${index}::int + number - 1, ${ownerId}::text,
          now() - ${options.priority * MINUTES_PER_PRIORITY}::int * interval '1 minute', custom_id, prompt
        from unnest(
          ${items.map(({ custom_id }) => custom_id ?? null)}::text[], ${items.map(({ prompt }) => prompt)}::text[]
        ) with ordinality as t(custom_id, prompt, number)
      `.execute(trx);
      index += items.length;
    }
  }
  if (index !== total) throw new Error(`The job declares ${total} prompts, but received ${index}`);
}
