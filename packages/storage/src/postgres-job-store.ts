import {
  AppError,
  isTerminalItemStatus,
  isTerminalJobStatus,
  JOB_ITEM_STATUSES,
  JOB_LIMITS,
  type Job,
} from '@prodigon/contracts';
import type { JobEventPosition, JobStore } from '@prodigon/ports';
import { type Kysely, sql } from 'kysely';
import { translateErrors } from './create-database.ts';
import type { Database } from './database-schema.ts';
import {
  RUNNING_MAX,
  selectItems,
  selectJobs,
  selectResultSizes,
  toItem,
  toJob,
  toResultLine,
  toResultSize,
  toSnapshot,
} from './job-rows.ts';
import { readJobTimings } from './job-timings.ts';
import { cancelJob, createJob, retryJob } from './job-transitions.ts';

const RESULTS_PER_READ = 200;
const SIZES_PER_READ = 2_000;
const CHANGES_PER_READ = 200;
/** Bytes of prompts and outputs after which a page ends early. */
const PAGE_BYTES_MAX = 8 << 20;
const TERMINAL_STATUSES = JOB_ITEM_STATUSES.filter(isTerminalItemStatus);
const STATUSES_OF_OUTCOME = {
  all: TERMINAL_STATUSES,
  succeeded: ['succeeded' as const],
  failed: TERMINAL_STATUSES.filter((status) => status !== 'succeeded'),
};

/** Creates a job store in PostgreSQL. Every statement is limited to one owner. */
export function createPostgresJobStore(db: Kysely<Database>): JobStore {
  async function findJob(ownerId: string, jobId: string): Promise<Job> {
    const row = await selectJobs(db).where('j.owner_id', '=', ownerId).where('j.id', '=', jobId).executeTakeFirst();
    if (!row) throw new AppError('JOB_NOT_FOUND');
    return toJob(row);
  }

  const itemsOf = (ownerId: string, jobId: string) =>
    selectItems(db).where('i.owner_id', '=', ownerId).where('i.job_id', '=', jobId);

  /** Reads up to `limit` items in the given order, and fewer if their texts are long, but at least one. */
  async function readPage(items: ReturnType<typeof itemsOf>, order: readonly ('index' | 'change')[], limit: number) {
    const columns = sql.join(order.map((column) => sql.ref(column)));
    const found = order.reduce((query, column) => query.orderBy(`i.${column}`), items).limit(limit + 1);
    const measured = db
      .selectFrom(found.as('found'))
      .selectAll()
      .select([
        sql<number>`count(*) over ()`.as('found_count'),
        sql<number>`coalesce(sum(octet_length(prompt) + coalesce(octet_length(output), 0)) over (
          order by ${columns} rows between unbounded preceding and 1 preceding), 0)`.as('bytes_before'),
      ]);
    const page = db.selectFrom(measured.as('measured')).selectAll().where('bytes_before', '<', PAGE_BYTES_MAX).limit(limit);
    const rows = await order.reduce((query, column) => query.orderBy(column), page).execute();
    return { rows, hasMore: rows.length < Number(rows[0]?.found_count ?? 0) };
  }

  return translateErrors<JobStore>({
    create: (job, inputs) => createJob(db, job, inputs),

    async list(ownerId, { limit, after, status, q }) {
      let query = selectJobs(db)
        .where('j.owner_id', '=', ownerId)
        .orderBy('j.id', 'desc')
        .limit(limit + 1);
      if (after !== undefined) query = query.where('j.id', '<', after);
      if (status !== undefined) query = query.where('j.status', '=', status);
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
      const results = await inlineResults(db, job);
      return results ? { ...job, results } : job;
    },

    async items(ownerId, jobId, { limit, after, status }) {
      await findJob(ownerId, jobId);
      let query = itemsOf(ownerId, jobId).where('i.index', '>', after);
      if (status !== undefined) query = query.where('i.status', '=', status);
      const { rows, hasMore } = await readPage(query, ['index'], limit);
      return { items: rows.map(toItem), next_after: hasMore ? (rows.at(-1)?.index ?? null) : null };
    },

    async *results(ownerId, jobId, { outcome }, firstIndex = 0) {
      const { total_prompts } = await findJob(ownerId, jobId);
      // Ranges of the index bound the cost of a read, whatever the planner's statistics are.
      for (let first = firstIndex; first < total_prompts; ) {
        const range = itemsOf(ownerId, jobId)
          .where('i.index', '>=', first)
          .where('i.index', '<', first + RESULTS_PER_READ)
          .where('i.status', 'in', STATUSES_OF_OUTCOME[outcome]);
        const { rows, hasMore } = await readPage(range, ['index'], RESULTS_PER_READ);
        if (rows.length > 0) yield rows.map(toResultLine);
        first = hasMore ? (rows.at(-1)?.index ?? first) + 1 : first + RESULTS_PER_READ;
      }
    },

    async *resultSizes(ownerId, jobId, { outcome }) {
      const { total_prompts } = await findJob(ownerId, jobId);
      for (let first = 0; first < total_prompts; first += SIZES_PER_READ) {
        const rows = await selectResultSizes(db)
          .where('owner_id', '=', ownerId)
          .where('job_id', '=', jobId)
          .where('index', '>=', first)
          .where('index', '<', first + SIZES_PER_READ)
          .where('status', 'in', STATUSES_OF_OUTCOME[outcome])
          .orderBy('index')
          .execute();
        if (rows.length > 0) yield rows.map(toResultSize);
      }
    },

    async snapshot(ownerId, jobId) {
      const job = await findJob(ownerId, jobId);
      if (job.running_prompts === 0) return { job, running: [] };
      const rows = await itemsOf(ownerId, jobId)
        .where('i.status', '=', 'running')
        .orderBy('i.index')
        .limit(RUNNING_MAX)
        .execute();
      return toSnapshot(job, rows);
    },

    async timings(ownerId, jobId) {
      await findJob(ownerId, jobId);
      return readJobTimings(db, jobId);
    },

    async changes(ownerId, jobId, { sequence, index }: JobEventPosition) {
      const query = itemsOf(ownerId, jobId)
        .where('i.change', '>=', sequence)
        .where((eb) => eb.or([eb('i.change', '>', sequence), eb('i.index', '>', index)]));
      const { rows, hasMore } = await readPage(query, ['change', 'index'], CHANGES_PER_READ);
      const changes = rows.map((row) => ({ position: { sequence: row.change ?? 0, index: row.index }, item: toItem(row) }));
      return { changes, hasMore };
    },

    async cancel(ownerId, jobId) {
      await cancelJob(db, ownerId, jobId);
      return findJob(ownerId, jobId);
    },

    async retry(ownerId, jobId, keyId) {
      await retryJob(db, { ownerId, jobId, keyId });
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
      throw new AppError('CONFLICT', 'The job is still running. Cancel it first.');
    },
  });
}

/** Returns the outputs by index up to the first item in progress, "" without output. Returns undefined for a large job. */
async function inlineResults(db: Kysely<Database>, job: Job): Promise<string[] | undefined> {
  if (job.total_prompts > JOB_LIMITS.inlineResultsMax) return undefined;
  const items = await db
    .selectFrom('worker.job_items')
    .select(['status', 'output'])
    .where('job_id', '=', job.job_id)
    .orderBy('index')
    .execute();
  const firstInProgress = items.findIndex(({ status }) => !isTerminalItemStatus(status));
  const isComplete = isTerminalJobStatus(job.status) || firstInProgress < 0;
  return (isComplete ? items : items.slice(0, firstInProgress)).map(({ output }) => output ?? '');
}
