import { randomUUIDv7 } from 'node:crypto';
import type { Job, JobInput } from '@prodigon/contracts';
import type { ItemOutcome, Lease, NewJob, WorkerSession } from '@prodigon/ports';
import { createTestDatabase } from '@prodigon/testing';
import { sql } from 'kysely';
import { onTestFinished } from 'vitest';
import { createDatabase } from './create-database.ts';
import { createPostgresJobStore } from './postgres-job-store.ts';
import { createPostgresLeaseStore } from './postgres-lease-store.ts';
import { createPostgresJobQueue } from './queue/postgres-job-queue.ts';

const OPTIONS: NewJob['options'] = { name: 'test', max_tokens: 100, temperature: 0, priority: 0, expires_in_hours: 24 };

/** Creates a migrated database, its stores, and shortcuts for tests. */
export async function openJobDatabase() {
  const { url, drop } = await createTestDatabase({ isMigrated: true });
  const { db, close } = createDatabase({ url });
  onTestFinished(async () => {
    await close();
    await drop();
  });
  const jobStore = createPostgresJobStore(db);
  const leaseStore = createPostgresLeaseStore(db);

  async function submit(
    ownerId: string,
    prompts: readonly string[],
    { options = {}, ...rest }: { options?: Partial<NewJob['options']> } & Pick<NewJob, 'idempotency' | 'keyId'> = {},
  ): Promise<Job> {
    const inputs = prompts.map((prompt): JobInput => ({ prompt }));
    const job = { jobId: randomUUIDv7(), ownerId, options: { ...OPTIONS, ...options }, total: inputs.length, ...rest };
    return (await jobStore.create(job, [inputs])).job;
  }

  async function openSession(leaseMs = 60_000): Promise<WorkerSession> {
    const session = { id: randomUUIDv7(), name: 'worker-1', leaseMs };
    await leaseStore.openSession(session);
    return session;
  }

  /** Makes the lease of the session expire. */
  async function expire(session: WorkerSession): Promise<void> {
    await sql`update worker.workers set lease_expires_at = now() - interval '1 s' where id = ${session.id}`.execute(db);
  }

  return { url, db, jobStore, leaseStore, submit, openSession, expire };
}

/** The same, with a queue and the session of a worker. */
export async function openJobsWithSession() {
  const jobs = await openJobDatabase();
  return { ...jobs, queue: createPostgresJobQueue(jobs.db), session: await jobs.openSession() };
}

export const succeeded = (text = 'ok'): ItemOutcome => ({
  type: 'succeeded',
  text,
  finish: 'stop',
  model: 'prodigon-sim',
  usage: { prompt_tokens: 3, completion_tokens: 2, total_tokens: 5 },
  estimated: false,
  costUsd: 0.25,
  requestId: 'request-1',
  latencyMs: 12.5,
});
export const failed = (message = 'It broke.'): ItemOutcome => ({
  type: 'failed',
  error: { code: 'INFERENCE_ERROR', message },
  latencyMs: 1,
});
export const retried = (delayMs = 0): ItemOutcome => ({
  type: 'retry',
  error: { code: 'RATE_LIMITED', message: 'Later.' },
  delayMs,
  latencyMs: 1,
});
export const resultsOf = (items: readonly Lease[], outcome: ItemOutcome) => items.map((item) => ({ item, outcome }));
export const promptsOf = (count: number, prefix = 'prompt') => Array.from({ length: count }, (_, index) => `${prefix} ${index}`);
