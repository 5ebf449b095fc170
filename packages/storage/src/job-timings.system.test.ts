import { sql } from 'kysely';
import { expect, it } from 'vitest';
import { failed, promptsOf, resultsOf, retried, openJobsWithSession as setUp, succeeded } from './job-database.test-support.ts';

it('measures all succeeded prompts of a job', async () => {
  const { db, jobStore, leaseStore, queue, session, submit } = await setUp();
  const { job_id: jobId } = await submit('ada', promptsOf(4));
  expect(await jobStore.timings('ada', jobId)).toEqual({
    measured_prompts: 0,
    models: [],
    wait_ms: null,
    run_ms: null,
    attempts: [],
  });
  const items = await queue.claim(session, 4);
  await leaseStore.recordResults(session, [...resultsOf(items.slice(0, 3), succeeded()), ...resultsOf(items.slice(3), failed())]);
  await sql`update worker.job_items set wait_ms = 100 * index, latency_ms = 10 * (index + 1)`.execute(db);
  expect(await jobStore.timings('ada', jobId)).toMatchObject({
    measured_prompts: 3,
    models: ['prodigon-sim'],
    wait_ms: { p50: 100, p95: 190 },
    run_ms: { p50: 20, p95: 29 },
  });
  await expect(jobStore.timings('bob', jobId)).rejects.toMatchObject({ code: 'JOB_NOT_FOUND' });
});

it('keeps the attempts that failed or lost their worker, with the worker of each', async () => {
  const { db, jobStore, leaseStore, queue, session, submit, openSession, expire } = await setUp();
  const { job_id: jobId } = await submit('ada', promptsOf(2));
  await leaseStore.recordResults(session, resultsOf(await queue.claim(session, 2), retried()));
  await leaseStore.promoteDelayed();
  await queue.claim(session, 2);
  await expire(session);
  await leaseStore.requeueOrphaned();
  const other = await openSession();
  await sql`update worker.workers set name = 'worker-2' where id = ${other.id}`.execute(db);
  const [first, ...rest] = await queue.claim(other, 2);
  await leaseStore.recordResults(other, resultsOf(first ? [first] : [], succeeded()));

  const { attempts } = await jobStore.timings('ada', jobId);
  const summary = attempts
    .map(({ index, attempt, worker, outcome, ended_at }) => [index, attempt, worker, outcome, ended_at === null])
    .sort(([a, b], [c, d]) => Number(a) - Number(c) || Number(b) - Number(d));
  expect(summary).toEqual([
    [first?.index, 1, 'worker-1', 'retried', false],
    [first?.index, 2, 'worker-1', 'lost', false],
    [first?.index, 3, 'worker-2', 'succeeded', false],
    [rest[0]?.index, 1, 'worker-1', 'retried', false],
    [rest[0]?.index, 2, 'worker-1', 'lost', false],
    [rest[0]?.index, 3, 'worker-2', 'running', true],
  ]);
});

it('returns only the attempts of the last minute, and deletes them with their job', async () => {
  const { db, jobStore, leaseStore, queue, session, submit } = await setUp();
  const { job_id: jobId } = await submit('ada', promptsOf(1));
  await leaseStore.recordResults(session, resultsOf(await queue.claim(session, 1), retried()));
  await leaseStore.promoteDelayed();
  await leaseStore.recordResults(session, resultsOf(await queue.claim(session, 1), succeeded()));
  await sql`update worker.job_attempts set ended_at = ended_at - interval '2 minutes'`.execute(db);
  expect((await jobStore.timings('ada', jobId)).attempts.map(({ outcome }) => outcome)).toEqual(['succeeded']);
  await jobStore.remove('ada', jobId);
  expect((await sql`select * from worker.job_attempts`.execute(db)).rows).toEqual([]);
});
