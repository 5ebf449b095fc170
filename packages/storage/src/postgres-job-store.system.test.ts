import { describe, expect, it } from 'vitest';
import { failed, promptsOf, resultsOf, openJobsWithSession as setUp, succeeded } from './job-database.test-support.ts';

const START = { sequence: 0, index: 2_147_483_647 };
const DONE = { limit: 50, after: -1 } as const;

describe('idempotency keys', () => {
  const idempotency = { key: 'key-1', fingerprint: 'the same' };

  it('creates one job for ten identical concurrent submissions', async () => {
    const { submit, jobStore } = await setUp();
    const results = await Promise.allSettled(Array.from({ length: 10 }, () => submit('ada', promptsOf(3), { idempotency })));
    const ids = results.flatMap((result) => (result.status === 'fulfilled' ? [result.value.job_id] : []));
    expect(new Set(ids).size).toBe(1);
    for (const result of results) if (result.status === 'rejected') expect(result.reason.code).toBe('CONFLICT');
    expect((await jobStore.list('ada', { limit: 50 })).jobs).toHaveLength(1);
    expect((await submit('ada', promptsOf(3), { idempotency })).job_id).toBe(ids[0]);
  });

  it('rejects a different submission with the same key', async () => {
    const { submit, jobStore } = await setUp();
    await submit('ada', promptsOf(3), { idempotency });
    const other = { ...idempotency, fingerprint: 'another' };
    await expect(submit('ada', promptsOf(4), { idempotency: other })).rejects.toMatchObject({
      code: 'VALIDATION_ERROR',
      status: 422,
    });
    expect((await jobStore.list('ada', { limit: 50 })).jobs).toHaveLength(1);
  });

  it('keeps the keys of different owners separate', async () => {
    const { submit } = await setUp();
    const [ofAda, ofBob] = [await submit('ada', ['a'], { idempotency }), await submit('bob', ['a'], { idempotency })];
    expect(ofAda.job_id).not.toBe(ofBob.job_id);
  });

  it('expires a key after a day', async () => {
    const { submit, db } = await setUp();
    const { job_id } = await submit('ada', ['a'], { idempotency });
    await db
      .updateTable('worker.idempotency_keys')
      .set({ created_at: new Date(Date.now() - 25 * 3_600_000) })
      .execute();
    expect((await submit('ada', ['a'], { idempotency })).job_id).not.toBe(job_id);
  });

  it('does not consume the key of a failed submission', async () => {
    const { submit, db } = await setUp();
    const broken = {
      get fingerprint(): string {
        throw new Error('broken');
      },
      key: 'key-1',
    };
    await expect(submit('ada', ['a'], { idempotency: broken })).rejects.toThrow();
    expect(await db.selectFrom('worker.jobs').select('id').execute()).toEqual([]);
    await expect(submit('ada', ['a'], { idempotency })).resolves.toBeDefined();
  });
});

describe('jobs of another owner', () => {
  it('throws JOB_NOT_FOUND for every method and lists nothing', async () => {
    const { submit, jobStore } = await setUp();
    const { job_id: id } = await submit('ada', promptsOf(3), { options: { name: 'secret plans' } });
    expect((await jobStore.list('bob', { limit: 50 })).jobs).toEqual([]);
    expect((await jobStore.list('bob', { limit: 50, q: 'secret' })).jobs).toEqual([]);
    expect((await jobStore.list('bob', { limit: 50, q: id })).jobs).toEqual([]);
    for (const call of [
      () => jobStore.get('bob', id),
      () => jobStore.items('bob', id, DONE),
      () => jobStore.snapshot('bob', id),
      () => jobStore.cancel('bob', id),
      () => jobStore.retry('bob', id),
      () => jobStore.remove('bob', id),
      async () => {
        for await (const lines of jobStore.results('bob', id, { outcome: 'all' })) expect(lines).toEqual([]);
      },
    ])
      await expect(call()).rejects.toMatchObject({ code: 'JOB_NOT_FOUND' });
    expect(await jobStore.changes('bob', id, START)).toEqual({ changes: [], hasMore: false });
    expect((await jobStore.get('ada', id)).status).toBe('pending');
  });
});

describe('list', () => {
  it('returns pages of jobs, newest first, filtered by status and by part of the name', async () => {
    const { submit, jobStore, queue, session, leaseStore } = await setUp();
    for (let number = 0; number < 5; number += 1) await submit('ada', ['a'], { options: { name: `batch ${number} 50%_off` } });
    const first = await jobStore.list('ada', { limit: 3 });
    const second = await jobStore.list('ada', { limit: 3, after: first.next_after ?? undefined });
    expect([...first.jobs, ...second.jobs].map(({ name }) => name[6])).toEqual(['4', '3', '2', '1', '0']);
    expect(second.next_after).toBeNull();
    await leaseStore.recordResults(session, resultsOf(await queue.claim(session, 1), succeeded()));
    expect((await jobStore.list('ada', { limit: 9, status: 'completed' })).jobs).toHaveLength(1);
    expect((await jobStore.list('ada', { limit: 9, status: 'pending' })).jobs).toHaveLength(4);
    expect((await jobStore.list('ada', { limit: 9, q: 'BATCH 2' })).jobs).toHaveLength(1);
    expect((await jobStore.list('ada', { limit: 9, q: '%_' })).jobs).toHaveLength(5);
    expect((await jobStore.list('ada', { limit: 9, q: '0%o' })).jobs).toHaveLength(0);
  });
});

describe('cancel', () => {
  it('ends a job immediately when no item is in flight, and is idempotent', async () => {
    const { submit, jobStore } = await setUp();
    const { job_id: id } = await submit('ada', promptsOf(3));
    expect(await jobStore.cancel('ada', id)).toMatchObject({ status: 'cancelled', cancelled_prompts: 3 });
    expect(await jobStore.cancel('ada', id)).toMatchObject({ status: 'cancelled', cancelled_prompts: 3 });
  });

  it('keeps finished items and waits for items in flight', async () => {
    const { submit, jobStore, queue, session, leaseStore } = await setUp();
    const { job_id: id } = await submit('ada', promptsOf(5));
    const [one, two, three] = await queue.claim(session, 3);
    if (!one || !two || !three) throw new Error('Three were claimed');
    await leaseStore.recordResults(session, resultsOf([one], succeeded('kept')));
    expect(await jobStore.cancel('ada', id)).toMatchObject({ status: 'running', cancelling: true, cancelled_prompts: 2 });
    await leaseStore.recordResults(session, [...resultsOf([two], succeeded('too')), ...resultsOf([three], { type: 'requeued' })]);
    expect(await jobStore.get('ada', id)).toMatchObject({
      status: 'cancelled',
      cancelling: false,
      completed_prompts: 2,
      cancelled_prompts: 3,
      results: ['kept', 'too', '', '', ''],
    });
  });

  it('ends a job as cancelled even if its last item succeeds', async () => {
    const { submit, jobStore, queue, session, leaseStore } = await setUp();
    const { job_id: id } = await submit('ada', ['only']);
    const items = await queue.claim(session, 1);
    await jobStore.cancel('ada', id);
    await leaseStore.recordResults(session, resultsOf(items, succeeded()));
    expect(await jobStore.get('ada', id)).toMatchObject({ status: 'cancelled', completed_prompts: 1 });
  });

  it('prevents concurrent claims', async () => {
    const { submit, jobStore, queue, session, leaseStore } = await setUp();
    const { job_id: id } = await submit('ada', promptsOf(300));
    const claims = Array.from({ length: 20 }, () => queue.claim(session, 10));
    const [held] = await Promise.all([Promise.all(claims), jobStore.cancel('ada', id)]);
    expect(await queue.claim(session, 10)).toEqual([]);
    await leaseStore.recordResults(session, resultsOf(held.flat(), { type: 'requeued' }));
    expect(await jobStore.get('ada', id)).toMatchObject({ status: 'cancelled', cancelled_prompts: 300 });
  });

  it('does nothing to a job that has ended', async () => {
    const { submit, jobStore, queue, session, leaseStore } = await setUp();
    const { job_id: id } = await submit('ada', ['only']);
    await leaseStore.recordResults(session, resultsOf(await queue.claim(session, 1), succeeded()));
    expect((await jobStore.cancel('ada', id)).status).toBe('completed');
  });
});

describe('retry', () => {
  it('restarts the items that did not succeed and keeps the others', async () => {
    const { submit, jobStore, queue, session, leaseStore } = await setUp();
    const { job_id: id } = await submit('ada', promptsOf(3));
    const items = await queue.claim(session, 3);
    await leaseStore.recordResults(session, [
      ...resultsOf(items.slice(0, 1), succeeded('first')),
      ...resultsOf(items.slice(1), failed()),
    ]);
    expect(await jobStore.retry('ada', id)).toMatchObject({
      status: 'pending',
      completed_prompts: 1,
      failed_prompts: 0,
      completed_at: null,
    });
    const again = await queue.claim(session, 3);
    expect(again).toMatchObject([
      { index: 1, failures: 0 },
      { index: 2, failures: 0 },
    ]);
    await leaseStore.recordResults(session, resultsOf(again, succeeded('second')));
    expect(await jobStore.get('ada', id)).toMatchObject({ status: 'completed', results: ['first', 'second', 'second'] });
  });

  it('runs the items on behalf of the key that retries the job', async () => {
    const { submit, jobStore, queue, session, leaseStore } = await setUp();
    const idempotency = { key: 'once', fingerprint: 'same' };
    const { job_id: id } = await submit('ada', promptsOf(1), { keyId: 'key-1', idempotency });
    expect((await submit('ada', promptsOf(1), { keyId: 'key-2', idempotency })).job_id).toBe(id);
    const items = await queue.claim(session, 1);
    await leaseStore.recordResults(session, resultsOf(items, failed()));
    await jobStore.retry('ada', id, 'key-2');
    const again = await queue.claim(session, 1);
    await leaseStore.recordResults(session, resultsOf(again, failed()));
    await jobStore.retry('ada', id);
    const last = await queue.claim(session, 1);
    expect([...items, ...again, ...last].map(({ keyId }) => keyId)).toEqual(['key-1', 'key-2', undefined]);
  });

  it('restarts a cancelled job', async () => {
    const { submit, jobStore, queue, session } = await setUp();
    const { job_id: id } = await submit('ada', promptsOf(3));
    await jobStore.cancel('ada', id);
    await jobStore.retry('ada', id);
    expect(await queue.claim(session, 5)).toHaveLength(3);
  });

  it('throws CONFLICT while the job runs, and when all items succeeded', async () => {
    const { submit, jobStore, queue, session, leaseStore } = await setUp();
    const { job_id: id } = await submit('ada', ['only']);
    await expect(jobStore.retry('ada', id)).rejects.toMatchObject({ code: 'CONFLICT' });
    await leaseStore.recordResults(session, resultsOf(await queue.claim(session, 1), succeeded()));
    await expect(jobStore.retry('ada', id)).rejects.toMatchObject({ code: 'CONFLICT' });
  });
});

it('removes only jobs that have ended', async () => {
  const { submit, jobStore } = await setUp();
  const { job_id: id } = await submit('ada', promptsOf(3));
  await expect(jobStore.remove('ada', id)).rejects.toMatchObject({ code: 'CONFLICT' });
  await jobStore.cancel('ada', id);
  await jobStore.remove('ada', id);
  await expect(jobStore.get('ada', id)).rejects.toMatchObject({ code: 'JOB_NOT_FOUND' });
});

it('stores a job without options as such, and keeps them absent when it is retried', async () => {
  const { submit, jobStore, queue, session, leaseStore } = await setUp();
  const options = { max_tokens: undefined, temperature: undefined };
  const job = await submit('ada', ['only'], { options });
  expect(job).toMatchObject({ max_tokens: null, temperature: null, model: null, system_prompt: null });
  const [item] = await queue.claim(session, 1);
  expect(JSON.stringify(item?.options)).toBe('{}');
  await leaseStore.recordResults(session, resultsOf(item ? [item] : [], failed()));
  expect(await jobStore.retry('ada', job.job_id)).toMatchObject({ max_tokens: null, temperature: null });
  expect(JSON.stringify((await queue.claim(session, 1))[0]?.options)).toBe('{}');
});
