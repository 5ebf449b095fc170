import type { ItemId, LeasedItem, WorkerSession } from '@prodigon/ports';
import { type Kysely, type RawBuilder, sql } from 'kysely';
import type { Database } from '../database-schema.ts';

interface LeasedRow {
  readonly job_id: string;
  readonly index: number;
  readonly owner_id: string;
  readonly lease: number;
  readonly attempts: number;
  readonly failures: number;
  readonly prompt: string;
  readonly wait_ms: number;
}

/**
 * Leases the waiting items that `picked` selects (rows of `job_id`, `index`) to a session, in one statement;
 * none when the session has expired.
 */
export async function leasePicked(
  db: Kysely<Database>,
  session: WorkerSession,
  picked: RawBuilder<ItemId>,
): Promise<readonly LeasedItem[]> {
  const { rows } = await sql<LeasedRow>`
    with picked as materialized (${picked})
    update worker.job_items i set
      status = 'running', worker_id = ${session.id}, lease = i.lease + 1, attempts = i.attempts + 1,
      started_at = clock_timestamp(),
      wait_ms = coalesce(i.wait_ms, extract(epoch from clock_timestamp() - j.created_at) * 1000)
    from picked p, worker.jobs j
    where i.job_id = p.job_id and i.index = p.index and i.status = 'pending' and j.id = i.job_id
      and exists (
        select 1 from worker.workers w where w.id = ${session.id} and w.ended_at is null and w.lease_expires_at > clock_timestamp()
      )
    returning i.job_id, i.index, i.owner_id, i.lease, i.attempts, i.failures, i.prompt, i.wait_ms
  `.execute(db);
  if (rows.length === 0) return [];
  const options = await begin(db, [...new Set(rows.map(({ job_id }) => job_id))]);
  // An UPDATE returns rows as it met them. By index, jobs that share a claim go on side by side.
  return rows
    .toSorted((one, other) => one.index - other.index)
    .flatMap((row) => {
      const ofJob = options.get(row.job_id);
      return ofJob ? [toLeasedItem(row, ofJob)] : [];
    });
}

/**
 * Marks jobs as begun and returns what holds for all their prompts. A statement of its own: leasing locks
 * items only, while everything else locks the job first, so that nobody waits in a circle.
 */
async function begin(db: Kysely<Database>, jobIds: readonly string[]): Promise<Map<string, LeasedItem['options']>> {
  await sql`
    update worker.jobs set status = 'running', started_at = clock_timestamp() where id = any(${jobIds}::uuid[]) and status = 'queued'
  `.execute(db);
  const jobs = await db
    .selectFrom('worker.jobs')
    .select(['id', 'model', 'max_tokens', 'temperature', 'system_prompt'])
    .where('id', 'in', [...jobIds])
    .execute();
  return new Map(
    jobs.map(({ id, model, max_tokens, temperature, system_prompt }) => [
      id,
      { model: model ?? undefined, max_tokens, temperature, system_prompt: system_prompt ?? undefined },
    ]),
  );
}

function toLeasedItem(row: LeasedRow, options: LeasedItem['options']): LeasedItem {
  return {
    jobId: row.job_id,
    index: row.index,
    lease: row.lease,
    ownerId: row.owner_id,
    attempt: row.attempts,
    failures: row.failures,
    prompt: row.prompt,
    options,
    waitMs: row.wait_ms,
  };
}
