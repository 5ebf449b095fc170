import { describe, expect, it } from 'vitest';
import { failed, promptsOf, resultsOf, retried, openJobsWithSession as setUp, succeeded } from './job-database.test-support.ts';

describe('recordResults', () => {
  it('records output, usage, cost and the totals of the job in one transaction', async () => {
    const { queue, session, submit, leaseStore, jobStore } = await setUp();
    const job = await submit('ada', promptsOf(3));
    const items = await queue.claim(session, 3);
    await leaseStore.recordResults(session, [
      ...resultsOf(items.slice(0, 2), succeeded('first line\nsecond \u{1F680}\0')),
      ...resultsOf(items.slice(2), failed()),
    ]);
    expect(await jobStore.get('ada', job.job_id)).toMatchObject({
      status: 'completed',
      completed_prompts: 2,
      failed_prompts: 1,
      running_prompts: 0,
      usage: { prompt_tokens: 6, completion_tokens: 4, total_tokens: 10 },
      cost_usd: 0.5,
      results: ['first line\nsecond \u{1F680}\uFFFD', 'first line\nsecond \u{1F680}\uFFFD', ''],
      error: null,
    });
  });

  it('fails a job without successes and reports the last error', async () => {
    const { queue, session, submit, leaseStore, jobStore } = await setUp();
    const job = await submit('ada', promptsOf(2));
    await leaseStore.recordResults(session, resultsOf(await queue.claim(session, 2), failed('The provider is down.')));
    expect(await jobStore.get('ada', job.job_id)).toMatchObject({
      status: 'failed',
      error: 'No prompt succeeded. Last error: The provider is down.',
    });
  });

  it('records each result once, even when the worker sends it twice', async () => {
    const { queue, session, submit, leaseStore, jobStore } = await setUp();
    const job = await submit('ada', promptsOf(2));
    const results = resultsOf(await queue.claim(session, 1), succeeded());
    expect((await leaseStore.recordResults(session, results)).rejected).toEqual([]);
    expect((await leaseStore.recordResults(session, results)).rejected).toHaveLength(1);
    expect((await jobStore.get('ada', job.job_id)).completed_prompts).toBe(1);
  });

  it('rejects a result of an earlier attempt by the same worker', async () => {
    const { queue, session, submit, leaseStore, jobStore } = await setUp();
    const job = await submit('ada', ['only']);
    const [first] = await queue.claim(session, 1);
    await leaseStore.recordResults(session, resultsOf(first ? [first] : [], { type: 'requeued' }));
    const [second] = await queue.claim(session, 1);
    expect((await leaseStore.recordResults(session, resultsOf(first ? [first] : [], succeeded('stale')))).rejected).toHaveLength(
      1,
    );
    await leaseStore.recordResults(session, resultsOf(second ? [second] : [], succeeded('fresh')));
    expect((await jobStore.get('ada', job.job_id)).results).toEqual(['fresh']);
  });

  it('delays an item without counting an attempt or a failure', async () => {
    const { queue, session, submit, leaseStore } = await setUp();
    await submit('ada', ['only']);
    for (let turn = 0; turn < 5; turn += 1) {
      const [item] = await queue.claim(session, 1);
      expect(item).toMatchObject({ attempt: 1, failures: 0 });
      await leaseStore.recordResults(session, resultsOf(item ? [item] : [], { type: 'delayed', delayMs: 0 }));
      expect(await queue.claim(session, 1)).toEqual([]);
      expect(await leaseStore.promoteDelayed()).toBe(1);
    }
  });

  it('reports no cost for a job when the price of one result is unknown', async () => {
    const { queue, session, submit, leaseStore, jobStore } = await setUp();
    const job = await submit('ada', promptsOf(2));
    const [one, other] = await queue.claim(session, 2);
    if (!one || !other) throw new Error('Two were submitted');
    await leaseStore.recordResults(session, [
      { item: one, outcome: succeeded() },
      { item: other, outcome: { ...succeeded(), costUsd: null } as never },
    ]);
    expect((await jobStore.get('ada', job.job_id)).cost_usd).toBeNull();
  });

  it('aborts a job after fifty consecutive failures without attempting the rest', async () => {
    const { queue, session, submit, leaseStore, jobStore } = await setUp();
    const job = await submit('ada', promptsOf(200));
    for (let round = 0; round < 5; round += 1)
      await leaseStore.recordResults(session, resultsOf(await queue.claim(session, 10), failed('Refused.')));
    expect(await queue.claim(session, 10)).toEqual([]);
    expect(await jobStore.get('ada', job.job_id)).toMatchObject({
      status: 'failed',
      failed_prompts: 200,
      error: 'Stopped after 50 failures in a row. No prompt succeeded. Last error: Refused.',
    });
    const { items } = await jobStore.items('ada', job.job_id, { limit: 1, after: 100 });
    expect(items[0]).toMatchObject({ status: 'failed', attempts: 0, error: { code: 'JOB_HALTED' } });
  });

  it('resets the count of consecutive failures after a success', async () => {
    const { queue, session, submit, leaseStore, jobStore } = await setUp();
    const job = await submit('ada', promptsOf(101));
    for (let round = 0; round < 4; round += 1) {
      await leaseStore.recordResults(session, resultsOf(await queue.claim(session, 24), failed()));
      if (round === 1) await leaseStore.recordResults(session, resultsOf(await queue.claim(session, 1), succeeded()));
    }
    expect((await jobStore.get('ada', job.job_id)).status).toBe('running');
  });
});

describe('sessions and leases', () => {
  it('requeues the items of an expired session and rejects its late results', async () => {
    const { queue, session, submit, leaseStore, jobStore, openSession, expire } = await setUp();
    const job = await submit('ada', promptsOf(4));
    const held = await queue.claim(session, 4);
    await expire(session);
    const other = await openSession();
    expect(await leaseStore.sweep({ retentionDays: 30 })).toMatchObject({ requeued: 4 });
    await leaseStore.recordResults(other, resultsOf(await queue.claim(other, 4), succeeded('from the other')));
    expect((await leaseStore.recordResults(session, resultsOf(held, succeeded('late')))).rejected).toHaveLength(4);
    expect(await leaseStore.renewSession(session)).toBe(false);
    expect((await jobStore.get('ada', job.job_id)).results).toEqual(Array(4).fill('from the other'));
  });

  it('keeps the leases of a session that renews in time', async () => {
    const { queue, session, submit, leaseStore, expire } = await setUp();
    await submit('ada', promptsOf(2));
    await queue.claim(session, 2);
    await expire(session);
    expect(await leaseStore.renewSession(session)).toBe(true);
    expect((await leaseStore.sweep({ retentionDays: 30 })).requeued).toBe(0);
  });

  it('requeues all items of a session that closes', async () => {
    const { queue, session, submit, leaseStore, openSession } = await setUp();
    await submit('ada', promptsOf(3));
    await queue.claim(session, 3);
    await leaseStore.closeSession(session);
    const other = await openSession();
    expect(await queue.claim(other, 3)).toMatchObject([{ attempt: 1 }, { attempt: 1 }, { attempt: 1 }]);
  });

  it('removes a closed session from the list of workers', async () => {
    const { session, leaseStore } = await setUp();
    await leaseStore.closeSession(session);
    expect((await leaseStore.measureDepth()).workers).toEqual([]);
  });

  it('accepts a repeated openSession after a lost response', async () => {
    const { queue, session, submit, leaseStore } = await setUp();
    await submit('ada', promptsOf(1));
    await leaseStore.openSession(session);
    expect(await queue.claim(session, 1)).toHaveLength(1);
  });

  it('lists the leases of a session, including those of a lost claim response', async () => {
    const { queue, session, submit, leaseStore } = await setUp();
    const job = await submit('ada', promptsOf(3));
    const items = await queue.claim(session, 2);
    await leaseStore.recordResults(session, resultsOf(items.slice(0, 1), succeeded()));
    expect(await leaseStore.findHeldLeases(session)).toEqual([{ jobId: job.job_id, index: 1, lease: 1 }]);
  });

  it('fails an item after twenty-five lost workers', async () => {
    const { queue, submit, leaseStore, jobStore, openSession, expire } = await setUp();
    const job = await submit('ada', ['poison']);
    for (let crash = 0; crash < 25; crash += 1) {
      const session = await openSession();
      expect(await queue.claim(session, 1)).toHaveLength(1);
      await expire(session);
      expect((await leaseStore.sweep({ retentionDays: 30 })).requeued).toBe(1);
    }
    const { items } = await jobStore.items('ada', job.job_id, { limit: 1, after: -1 });
    expect(items[0]).toMatchObject({ status: 'failed', error: { code: 'WORKER_LOST' } });
    expect((await jobStore.get('ada', job.job_id)).status).toBe('failed');
  });
});

describe('sweep', () => {
  it('expires a job, keeps its finished items and expires the rest', async () => {
    const { queue, session, submit, leaseStore, jobStore, db } = await setUp();
    const job = await submit('ada', promptsOf(4));
    const [done, running] = await queue.claim(session, 2);
    if (!done || !running) throw new Error('Two were claimed');
    await leaseStore.recordResults(session, resultsOf([done], succeeded()));
    await db
      .updateTable('worker.jobs')
      .set({ expires_at: new Date(0) })
      .execute();
    expect((await leaseStore.sweep({ retentionDays: 30 })).expiredJobs).toBe(1);
    expect(await leaseStore.findStoppedJobs([job.job_id])).toEqual(new Set([job.job_id]));
    expect((await jobStore.get('ada', job.job_id)).status).toBe('running');
    await leaseStore.recordResults(session, resultsOf([running], retried()));
    expect(await jobStore.get('ada', job.job_id)).toMatchObject({
      status: 'expired',
      completed_prompts: 1,
      cancelled_prompts: 3,
    });
    const { items } = await jobStore.items('ada', job.job_id, { limit: 10, after: -1, status: 'expired' });
    expect(items.map(({ error }) => error?.code)).toEqual(Array(3).fill('BATCH_EXPIRED'));
  });

  it('deletes a finished job after its retention', async () => {
    const { queue, session, submit, leaseStore, jobStore, db } = await setUp();
    const job = await submit('ada', promptsOf(2));
    await leaseStore.recordResults(session, resultsOf(await queue.claim(session, 2), succeeded()));
    const days = (count: number) => new Date(Date.now() - count * 24 * 3_600_000);
    await db
      .updateTable('worker.jobs')
      .set({ completed_at: days(29) })
      .execute();
    expect((await leaseStore.sweep({ retentionDays: 30 })).purgedJobs).toBe(0);
    await db
      .updateTable('worker.jobs')
      .set({ completed_at: days(31) })
      .execute();
    expect((await leaseStore.sweep({ retentionDays: 30 })).purgedJobs).toBe(1);
    await expect(jobStore.get('ada', job.job_id)).rejects.toMatchObject({ code: 'JOB_NOT_FOUND' });
  });
});

it('counts waiting items, running items and workers', async () => {
  const { queue, session, submit, leaseStore } = await setUp();
  expect(await leaseStore.measureDepth()).toMatchObject({
    waiting: 0,
    running: 0,
    oldestMs: 0,
    workers: [{ name: 'worker-1', running: 0 }],
  });
  await submit('ada', promptsOf(10));
  await queue.claim(session, 4);
  expect(await leaseStore.measureDepth()).toMatchObject({ waiting: 6, running: 4, workers: [{ name: 'worker-1', running: 4 }] });
});
