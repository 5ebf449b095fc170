import { describe, expect, it } from 'vitest';
import { failed, openJobDatabase, promptsOf, retried, settlementsOf, succeeded } from './job-database.test-support.ts';
import { createPostgresJobQueue } from './queue/postgres-job-queue.ts';

async function setUp() {
  const jobs = await openJobDatabase();
  return { ...jobs, queue: createPostgresJobQueue(jobs.db), session: await jobs.openSession() };
}

describe('recording what became of items', () => {
  it('writes result, usage, cost and the counts of the job together', async () => {
    const { queue, session, submit, ledger, store } = await setUp();
    const job = await submit('ada', promptsOf(3));
    const items = await queue.claim(session, 3);
    await ledger.recordResults(session, [
      ...settlementsOf(items.slice(0, 2), succeeded('first line\nsecond \u{1F680}\0')),
      ...settlementsOf(items.slice(2), failed()),
    ]);
    expect(await store.get('ada', job.job_id)).toMatchObject({
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

  it('fails a job of which nothing succeeded, and says why', async () => {
    const { queue, session, submit, ledger, store } = await setUp();
    const job = await submit('ada', promptsOf(2));
    await ledger.recordResults(session, settlementsOf(await queue.claim(session, 2), failed('The provider is gone.')));
    expect(await store.get('ada', job.job_id)).toMatchObject({
      status: 'failed',
      error: 'No prompt was answered. The last error: The provider is gone.',
    });
  });

  it('takes each outcome once, even when the write is sent again', async () => {
    const { queue, session, submit, ledger, store } = await setUp();
    const job = await submit('ada', promptsOf(2));
    const settlements = settlementsOf(await queue.claim(session, 1), succeeded());
    expect((await ledger.recordResults(session, settlements)).refused).toEqual([]);
    expect((await ledger.recordResults(session, settlements)).refused).toHaveLength(1);
    expect((await store.get('ada', job.job_id)).completed_prompts).toBe(1);
  });

  it('refuses an older attempt of the same worker', async () => {
    const { queue, session, submit, ledger, store } = await setUp();
    const job = await submit('ada', ['only']);
    const [first] = await queue.claim(session, 1);
    await ledger.recordResults(session, settlementsOf(first ? [first] : [], { type: 'released' }));
    const [second] = await queue.claim(session, 1);
    expect((await ledger.recordResults(session, settlementsOf(first ? [first] : [], succeeded('stale')))).refused).toHaveLength(
      1,
    );
    await ledger.recordResults(session, settlementsOf(second ? [second] : [], succeeded('fresh')));
    expect((await store.get('ada', job.job_id)).results).toEqual(['fresh']);
  });

  it('lets an item wait that nobody was asked for, without counting an attempt or a failure', async () => {
    const { queue, session, submit, ledger } = await setUp();
    await submit('ada', ['only']);
    for (let turn = 0; turn < 5; turn += 1) {
      const [item] = await queue.claim(session, 1);
      expect(item).toMatchObject({ attempt: 1, failures: 0 });
      await ledger.recordResults(session, settlementsOf(item ? [item] : [], { type: 'postponed', delayMs: 0 }));
      expect(await queue.claim(session, 1)).toEqual([]);
      expect(await ledger.promoteDelayed()).toBe(1);
    }
  });

  it('does not know the price of a job when it does not know that of one answer', async () => {
    const { queue, session, submit, ledger, store } = await setUp();
    const job = await submit('ada', promptsOf(2));
    const [one, other] = await queue.claim(session, 2);
    if (!one || !other) throw new Error('Two were submitted');
    await ledger.recordResults(session, [
      { item: one, outcome: succeeded() },
      { item: other, outcome: { ...succeeded(), costUsd: null } as never },
    ]);
    expect((await store.get('ada', job.job_id)).cost_usd).toBeNull();
  });

  it('stops a job after fifty failures in a row, and tries the rest no more', async () => {
    const { queue, session, submit, ledger, store } = await setUp();
    const job = await submit('ada', promptsOf(200));
    for (let round = 0; round < 5; round += 1)
      await ledger.recordResults(session, settlementsOf(await queue.claim(session, 10), failed('Refused.')));
    expect(await queue.claim(session, 10)).toEqual([]);
    expect(await store.get('ada', job.job_id)).toMatchObject({
      status: 'failed',
      failed_prompts: 200,
      error: 'Stopped after 50 failures in a row. No prompt was answered. The last error: Refused.',
    });
    const { items } = await store.items('ada', job.job_id, { limit: 1, after: 100 });
    expect(items[0]).toMatchObject({ status: 'failed', attempts: 0, error: { code: 'JOB_HALTED' } });
  });

  it('counts failures anew after every success', async () => {
    const { queue, session, submit, ledger, store } = await setUp();
    const job = await submit('ada', promptsOf(101));
    for (let round = 0; round < 4; round += 1) {
      await ledger.recordResults(session, settlementsOf(await queue.claim(session, 24), failed()));
      if (round === 1) await ledger.recordResults(session, settlementsOf(await queue.claim(session, 1), succeeded()));
    }
    expect((await store.get('ada', job.job_id)).status).toBe('running');
  });
});

describe('a worker that falls silent', () => {
  it('loses what it holds to the others, and its late word is refused', async () => {
    const { queue, session, submit, ledger, store, openSession, expire } = await setUp();
    const job = await submit('ada', promptsOf(4));
    const held = await queue.claim(session, 4);
    await expire(session);
    const other = await openSession();
    expect(await ledger.sweep({ retentionDays: 30 })).toMatchObject({ requeued: 4 });
    await ledger.recordResults(other, settlementsOf(await queue.claim(other, 4), succeeded('of the other')));
    expect((await ledger.recordResults(session, settlementsOf(held, succeeded('late')))).refused).toHaveLength(4);
    expect(await ledger.renewSession(session)).toBe(false);
    expect((await store.get('ada', job.job_id)).results).toEqual(Array(4).fill('of the other'));
  });

  it('keeps what it holds as long as it renews', async () => {
    const { queue, session, submit, ledger, expire } = await setUp();
    await submit('ada', promptsOf(2));
    await queue.claim(session, 2);
    await expire(session);
    expect(await ledger.renewSession(session)).toBe(true);
    expect((await ledger.sweep({ retentionDays: 30 })).requeued).toBe(0);
  });

  it('gives everything back at once when it says goodbye', async () => {
    const { queue, session, submit, ledger, openSession } = await setUp();
    await submit('ada', promptsOf(3));
    await queue.claim(session, 3);
    await ledger.closeSession(session);
    const other = await openSession();
    expect(await queue.claim(other, 3)).toMatchObject([{ attempt: 1 }, { attempt: 1 }, { attempt: 1 }]);
  });

  it('is gone at once when it says goodbye with empty hands', async () => {
    const { session, ledger } = await setUp();
    await ledger.closeSession(session);
    expect((await ledger.measureDepth()).workers).toEqual([]);
  });

  it('may open its session again when the answer to the first time was lost', async () => {
    const { queue, session, submit, ledger } = await setUp();
    await submit('ada', promptsOf(1));
    await ledger.openSession(session);
    expect(await queue.claim(session, 1)).toHaveLength(1);
  });

  it('can ask what it holds, when the answer to a claim was lost', async () => {
    const { queue, session, submit, ledger } = await setUp();
    const job = await submit('ada', promptsOf(3));
    const items = await queue.claim(session, 2);
    await ledger.recordResults(session, settlementsOf(items.slice(0, 1), succeeded()));
    expect(await ledger.findHeldLeases(session)).toEqual([{ jobId: job.job_id, index: 1, lease: 1 }]);
  });

  it('cannot take an item down with it for ever', async () => {
    const { queue, submit, ledger, store, openSession, expire } = await setUp();
    const job = await submit('ada', ['poison']);
    for (let crash = 0; crash < 25; crash += 1) {
      const session = await openSession();
      expect(await queue.claim(session, 1)).toHaveLength(1);
      await expire(session);
      await ledger.sweep({ retentionDays: 30 });
    }
    const { items } = await store.items('ada', job.job_id, { limit: 1, after: -1 });
    expect(items[0]).toMatchObject({ status: 'failed', error: { code: 'WORKER_LOST' } });
    expect((await store.get('ada', job.job_id)).status).toBe('failed');
  });
});

describe('time', () => {
  it('ends a job that has expired: what is finished is kept, the rest is given up', async () => {
    const { queue, session, submit, ledger, store, db } = await setUp();
    const job = await submit('ada', promptsOf(4));
    const [done, running] = await queue.claim(session, 2);
    if (!done || !running) throw new Error('Two were claimed');
    await ledger.recordResults(session, settlementsOf([done], succeeded()));
    await db
      .updateTable('worker.jobs')
      .set({ expires_at: new Date(0) })
      .execute();
    expect((await ledger.sweep({ retentionDays: 30 })).expiredJobs).toBe(1);
    expect(await ledger.findStoppedJobs([job.job_id])).toEqual(new Set([job.job_id]));
    expect((await store.get('ada', job.job_id)).status).toBe('running');
    await ledger.recordResults(session, settlementsOf([running], retried()));
    expect(await store.get('ada', job.job_id)).toMatchObject({ status: 'expired', completed_prompts: 1, cancelled_prompts: 3 });
    const { items } = await store.items('ada', job.job_id, { limit: 10, after: -1, status: 'expired' });
    expect(items.map(({ error }) => error?.code)).toEqual(Array(3).fill('BATCH_EXPIRED'));
  });

  it('keeps a finished job for its retention and no longer', async () => {
    const { queue, session, submit, ledger, store, db } = await setUp();
    const job = await submit('ada', promptsOf(2));
    await ledger.recordResults(session, settlementsOf(await queue.claim(session, 2), succeeded()));
    const days = (count: number) => new Date(Date.now() - count * 24 * 3_600_000);
    await db
      .updateTable('worker.jobs')
      .set({ completed_at: days(29) })
      .execute();
    expect((await ledger.sweep({ retentionDays: 30 })).purgedJobs).toBe(0);
    await db
      .updateTable('worker.jobs')
      .set({ completed_at: days(31) })
      .execute();
    expect((await ledger.sweep({ retentionDays: 30 })).purgedJobs).toBe(1);
    await expect(store.get('ada', job.job_id)).rejects.toMatchObject({ code: 'JOB_NOT_FOUND' });
  });
});

it('measures what waits, what runs and who works', async () => {
  const { queue, session, submit, ledger } = await setUp();
  expect(await ledger.measureDepth()).toMatchObject({
    waiting: 0,
    running: 0,
    oldestMs: 0,
    workers: [{ name: 'worker-1', running: 0 }],
  });
  await submit('ada', promptsOf(10));
  await queue.claim(session, 4);
  expect(await ledger.measureDepth()).toMatchObject({ waiting: 6, running: 4, workers: [{ name: 'worker-1', running: 4 }] });
});
