import { AppError, type Job, type JobResultsQuery } from '@prodigon/contracts';
import type { JobEventPosition, JobStore } from '@prodigon/ports';
import { type Kysely, sql } from 'kysely';
import { endJob, retryJob } from './change-job.ts';
import { createJob } from './create-job.ts';
import { translatingErrors } from './database-errors.ts';
import type { Database, ItemRowStatus } from './database-schema.ts';
import { resultsOf } from './job-results.ts';
import { selectItems, selectJobs, toItem, toJob, toResultLine, toRunningItem } from './job-rows.ts';

const RESULTS_PER_READ = 200;
const CHANGES_PER_READ = 200;
const SETTLED: Record<JobResultsQuery['outcome'], readonly ItemRowStatus[]> = {
  all: ['succeeded', 'failed', 'cancelled', 'expired'],
  succeeded: ['succeeded'],
  failed: ['failed', 'cancelled', 'expired'],
};

/** The jobs in PostgreSQL. Every statement names the owner. */
export function createPostgresJobStore(db: Kysely<Database>): JobStore {
  async function findJob(ownerId: string, jobId: string): Promise<Job> {
    const row = await selectJobs(db).where('j.owner_id', '=', ownerId).where('j.id', '=', jobId).executeTakeFirst();
    if (!row) throw new AppError('JOB_NOT_FOUND');
    return toJob(row);
  }

  const itemsOf = (ownerId: string, jobId: string) =>
    selectItems(db).where('i.owner_id', '=', ownerId).where('i.job_id', '=', jobId);

  return translatingErrors<JobStore>({
    create: (job, inputs) => createJob(db, job, inputs),

    async list(ownerId, { limit, after, status, q }) {
      let query = selectJobs(db)
        .where('j.owner_id', '=', ownerId)
        .orderBy('j.id', 'desc')
        .limit(limit + 1);
      if (after !== undefined) query = query.where('j.id', '<', after);
      if (status === 'pending') query = query.where('j.status', '=', 'queued');
      else if (status === 'running') query = query.where('j.status', 'in', ['running', 'stopping']);
      else if (status !== undefined) query = query.where('j.status', '=', status);
      if (q) {
        const part = `%${q.replace(/[\\%_]/g, '\\$&')}%`;
        query = query.where((eb) => eb.or([eb('j.name', 'ilike', part), eb(sql<string>`j.id::text`, '=', q.toLowerCase())]));
      }
      const rows = await query.execute();
      const page = rows.slice(0, limit);
      return { jobs: page.map(toJob), next_after: rows.length > limit ? (page.at(-1)?.id ?? null) : null };
    },

    async get(ownerId, jobId) {
      const job = await findJob(ownerId, jobId);
      const results = await resultsOf(db, job);
      return results ? { ...job, results } : job;
    },

    async items(ownerId, jobId, { limit, after, status }) {
      await findJob(ownerId, jobId);
      let query = itemsOf(ownerId, jobId)
        .where('i.index', '>', after)
        .orderBy('i.index')
        .limit(limit + 1);
      if (status !== undefined) query = query.where('i.status', '=', status);
      const rows = await query.execute();
      const page = rows.slice(0, limit);
      return { items: page.map(toItem), next_after: rows.length > limit ? (page.at(-1)?.index ?? null) : null };
    },

    async *results(ownerId, jobId, { outcome }) {
      const { total_prompts } = await findJob(ownerId, jobId);
      // By ranges of the index, so that what a read costs does not depend on what the planner believes.
      for (let first = 0; first < total_prompts; first += RESULTS_PER_READ) {
        const rows = await itemsOf(ownerId, jobId)
          .where('i.index', '>=', first)
          .where('i.index', '<', first + RESULTS_PER_READ)
          .where('i.status', 'in', SETTLED[outcome])
          .orderBy('i.index')
          .execute();
        if (rows.length > 0) yield rows.map(toResultLine);
      }
    },

    async snapshot(ownerId, jobId) {
      const job = await findJob(ownerId, jobId);
      if (job.running_prompts === 0) return { job, running: [] };
      const rows = await itemsOf(ownerId, jobId).where('i.status', '=', 'running').orderBy('i.index').limit(200).execute();
      return { job, running: rows.map(toRunningItem) };
    },

    async changes(ownerId, jobId, { sequence, index }: JobEventPosition) {
      const rows = await itemsOf(ownerId, jobId)
        .where('i.change', '>=', sequence)
        .where((eb) => eb.or([eb('i.change', '>', sequence), eb('i.index', '>', index)]))
        .orderBy('i.change')
        .orderBy('i.index')
        .limit(CHANGES_PER_READ)
        .execute();
      const changes = rows.map((row) => ({ position: { sequence: row.change ?? 0, index: row.index }, item: toItem(row) }));
      return { changes, hasMore: rows.length === CHANGES_PER_READ };
    },

    async cancel(ownerId, jobId) {
      await endJob(db, ownerId, jobId);
      return findJob(ownerId, jobId);
    },

    async retry(ownerId, jobId) {
      await retryJob(db, ownerId, jobId);
      return findJob(ownerId, jobId);
    },

    async remove(ownerId, jobId) {
      const { numDeletedRows } = await db
        .deleteFrom('worker.jobs')
        .where('owner_id', '=', ownerId)
        .where('id', '=', jobId)
        .where('completed_at', 'is not', null)
        .executeTakeFirst();
      if (numDeletedRows > 0n) return;
      await findJob(ownerId, jobId);
      throw new AppError('CONFLICT', 'The job still goes on. Cancel it first.');
    },
  });
}
