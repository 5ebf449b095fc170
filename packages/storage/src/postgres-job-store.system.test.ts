import type { JobResultLine } from '@prodigon/contracts';
import { describe, expect, it } from 'vitest';
import { failed, openJobDatabase, promptsOf, settlementsOf, succeeded } from './job-database.test-support.ts';
import { createPostgresJobQueue } from './queue/postgres-job-queue.ts';

async function setUp() {
  const jobs = await openJobDatabase();
  return { ...jobs, queue: createPostgresJobQueue(jobs.db), session: await jobs.openSession() };
}
const START = { sequence: 0, index: 2_147_483_647 };
const DONE = { limit: 50, after: -1 } as const;

describe('an idempotency key', () => {
  const idempotency = { key: 'key-1', fingerprint: 'the same' };

  it('makes one job of ten equal submissions at the same time', async () => {
    const { submit, store } = await setUp();
    const results = await Promise.allSettled(Array.from({ length: 10 }, () => submit('ada', promptsOf(3), { idempotency })));
    const ids = results.flatMap((result) => (result.status === 'fulfilled' ? [result.value.job_id] : []));
    expect(new Set(ids).size).toBe(1);
    for (const result of results) if (result.status === 'rejected') expect(result.reason.code).toBe('CONFLICT');
    expect((await store.list('ada', { limit: 50 })).jobs).toHaveLength(1);
    expect((await submit('ada', promptsOf(3), { idempotency })).job_id).toBe(ids[0]);
  });

  it('refuses another submission', async () => {
    const { submit, store } = await setUp();
    await submit('ada', promptsOf(3), { idempotency });
    const other = { ...idempotency, fingerprint: 'another' };
    await expect(submit('ada', promptsOf(4), { idempotency: other })).rejects.toMatchObject({
      code: 'VALIDATION_ERROR',
      status: 422,
    });
    expect((await store.list('ada', { limit: 50 })).jobs).toHaveLength(1);
  });

  it("is each owner's own", async () => {
    const { submit } = await setUp();
    const [ofAda, ofBob] = [await submit('ada', ['a'], { idempotency }), await submit('bob', ['a'], { idempotency })];
    expect(ofAda.job_id).not.toBe(ofBob.job_id);
  });

  it('is free again after a day', async () => {
    const { submit, db } = await setUp();
    const { job_id } = await submit('ada', ['a'], { idempotency });
    await db
      .updateTable('worker.idempotency_keys')
      .set({ created_at: new Date(Date.now() - 25 * 3_600_000) })
      .execute();
    expect((await submit('ada', ['a'], { idempotency })).job_id).not.toBe(job_id);
  });

  it('is not used up by a submission that failed', async () => {
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

describe('the jobs of another owner', () => {
  it('are as if they were not', async () => {
    const { submit, store } = await setUp();
    const { job_id: id } = await submit('ada', promptsOf(3), { options: { name: 'secret plans' } });
    expect((await store.list('bob', { limit: 50 })).jobs).toEqual([]);
    expect((await store.list('bob', { limit: 50, q: 'secret' })).jobs).toEqual([]);
    expect((await store.list('bob', { limit: 50, q: id })).jobs).toEqual([]);
    for (const attempt of [
      () => store.get('bob', id),
      () => store.items('bob', id, DONE),
      () => store.snapshot('bob', id),
      () => store.cancel('bob', id),
      () => store.retry('bob', id),
      () => store.remove('bob', id),
      async () => {
        for await (const lines of store.results('bob', id, { outcome: 'all' })) expect(lines).toEqual([]);
      },
    ])
      await expect(attempt()).rejects.toMatchObject({ code: 'JOB_NOT_FOUND' });
    expect(await store.changes('bob', id, START)).toEqual({ changes: [], hasMore: false });
    expect((await store.get('ada', id)).status).toBe('pending');
  });
});

describe('a list of jobs', () => {
  it('is read in pages, newest first, by status and by a part of the name', async () => {
    const { submit, store, queue, session, ledger } = await setUp();
    for (let number = 0; number < 5; number += 1) await submit('ada', ['a'], { options: { name: `batch ${number} 50%_off` } });
    const first = await store.list('ada', { limit: 3 });
    const second = await store.list('ada', { limit: 3, after: first.next_after ?? undefined });
    expect([...first.jobs, ...second.jobs].map(({ name }) => name[6])).toEqual(['4', '3', '2', '1', '0']);
    expect(second.next_after).toBeNull();
    await ledger.recordResults(session, settlementsOf(await queue.claim(session, 1), succeeded()));
    expect((await store.list('ada', { limit: 9, status: 'completed' })).jobs).toHaveLength(1);
    expect((await store.list('ada', { limit: 9, status: 'pending' })).jobs).toHaveLength(4);
    expect((await store.list('ada', { limit: 9, q: 'BATCH 2' })).jobs).toHaveLength(1);
    expect((await store.list('ada', { limit: 9, q: '%_' })).jobs).toHaveLength(5);
    expect((await store.list('ada', { limit: 9, q: '0%o' })).jobs).toHaveLength(0);
  });
});

describe('cancelling', () => {
  it('ends a job at once when nothing is in flight, and is the same twice', async () => {
    const { submit, store } = await setUp();
    const { job_id: id } = await submit('ada', promptsOf(3));
    expect(await store.cancel('ada', id)).toMatchObject({ status: 'cancelled', cancelled_prompts: 3 });
    expect(await store.cancel('ada', id)).toMatchObject({ status: 'cancelled', cancelled_prompts: 3 });
  });

  it('keeps what is finished, and waits for what is in flight', async () => {
    const { submit, store, queue, session, ledger } = await setUp();
    const { job_id: id } = await submit('ada', promptsOf(5));
    const [one, two, three] = await queue.claim(session, 3);
    if (!one || !two || !three) throw new Error('Three were claimed');
    await ledger.recordResults(session, settlementsOf([one], succeeded('kept')));
    expect(await store.cancel('ada', id)).toMatchObject({ status: 'running', cancelling: true, cancelled_prompts: 2 });
    await ledger.recordResults(session, [
      ...settlementsOf([two], succeeded('too')),
      ...settlementsOf([three], { type: 'released' }),
    ]);
    expect(await store.get('ada', id)).toMatchObject({
      status: 'cancelled',
      cancelling: false,
      completed_prompts: 2,
      cancelled_prompts: 3,
      results: ['kept', 'too', '', '', ''],
    });
  });

  it('wins over the last item', async () => {
    const { submit, store, queue, session, ledger } = await setUp();
    const { job_id: id } = await submit('ada', ['only']);
    const items = await queue.claim(session, 1);
    await store.cancel('ada', id);
    await ledger.recordResults(session, settlementsOf(items, succeeded()));
    expect(await store.get('ada', id)).toMatchObject({ status: 'cancelled', completed_prompts: 1 });
  });

  it('holds against claims at the same time', async () => {
    const { submit, store, queue, session, ledger } = await setUp();
    const { job_id: id } = await submit('ada', promptsOf(300));
    const claims = Array.from({ length: 20 }, () => queue.claim(session, 10));
    const [held] = await Promise.all([Promise.all(claims), store.cancel('ada', id)]);
    expect(await queue.claim(session, 10)).toEqual([]);
    await ledger.recordResults(session, settlementsOf(held.flat(), { type: 'released' }));
    expect(await store.get('ada', id)).toMatchObject({ status: 'cancelled', cancelled_prompts: 300 });
  });

  it('does nothing to a job that is over', async () => {
    const { submit, store, queue, session, ledger } = await setUp();
    const { job_id: id } = await submit('ada', ['only']);
    await ledger.recordResults(session, settlementsOf(await queue.claim(session, 1), succeeded()));
    expect((await store.cancel('ada', id)).status).toBe('completed');
  });
});

describe('retrying', () => {
  it('begins what has no answer anew, and leaves the rest', async () => {
    const { submit, store, queue, session, ledger } = await setUp();
    const { job_id: id } = await submit('ada', promptsOf(3));
    const items = await queue.claim(session, 3);
    await ledger.recordResults(session, [
      ...settlementsOf(items.slice(0, 1), succeeded('first')),
      ...settlementsOf(items.slice(1), failed()),
    ]);
    expect(await store.retry('ada', id)).toMatchObject({
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
    await ledger.recordResults(session, settlementsOf(again, succeeded('second')));
    expect(await store.get('ada', id)).toMatchObject({ status: 'completed', results: ['first', 'second', 'second'] });
  });

  it('goes on with a cancelled job', async () => {
    const { submit, store, queue, session } = await setUp();
    const { job_id: id } = await submit('ada', promptsOf(3));
    await store.cancel('ada', id);
    await store.retry('ada', id);
    expect(await queue.claim(session, 5)).toHaveLength(3);
  });

  it('is refused while the job goes on, and when there is nothing to retry', async () => {
    const { submit, store, queue, session, ledger } = await setUp();
    const { job_id: id } = await submit('ada', ['only']);
    await expect(store.retry('ada', id)).rejects.toMatchObject({ code: 'CONFLICT' });
    await ledger.recordResults(session, settlementsOf(await queue.claim(session, 1), succeeded()));
    await expect(store.retry('ada', id)).rejects.toMatchObject({ code: 'CONFLICT' });
  });
});

it('removes a job that is over, and no other', async () => {
  const { submit, store } = await setUp();
  const { job_id: id } = await submit('ada', promptsOf(3));
  await expect(store.remove('ada', id)).rejects.toMatchObject({ code: 'CONFLICT' });
  await store.cancel('ada', id);
  await store.remove('ada', id);
  await expect(store.get('ada', id)).rejects.toMatchObject({ code: 'JOB_NOT_FOUND' });
});

it('tells every change once, in the order in which they were committed, from wherever a reader goes on', async () => {
  const { submit, store, queue, session, ledger } = await setUp();
  const { job_id: id } = await submit('ada', promptsOf(450));
  for (let items = await queue.claim(session, 90); items.length > 0; items = await queue.claim(session, 90)) {
    // Two at the same time, as two workers would.
    const half = items.length / 2;
    await Promise.all([
      ledger.recordResults(session, settlementsOf(items.slice(0, half), succeeded())),
      ledger.recordResults(session, settlementsOf(items.slice(half), succeeded())),
    ]);
  }
  const told: number[] = [];
  for (let position = START, hasMore = true; hasMore; ) {
    const read = await store.changes('ada', id, position);
    // As if the connection had broken in the middle of what was read.
    const kept = read.changes.slice(0, Math.max(1, read.changes.length - 7));
    told.push(...kept.map(({ item }) => item.index));
    position = kept.at(-1)?.position ?? position;
    hasMore = kept.length > 0 && (read.hasMore || kept.length < read.changes.length);
  }
  expect(told).toHaveLength(450);
  expect(new Set(told).size).toBe(450);
});

it('downloads what is settled, by index, as it is', async () => {
  const { submit, store, queue, session, ledger } = await setUp();
  const { job_id: id } = await submit('ada', promptsOf(450));
  const items = [];
  for (let more = await queue.claim(session, 100); more.length > 0; more = await queue.claim(session, 100)) items.push(...more);
  await ledger.recordResults(session, [
    ...settlementsOf(
      items.filter(({ index }) => index % 3 === 0),
      failed(),
    ),
    ...settlementsOf(
      items.filter(({ index }) => index % 3 === 1),
      succeeded('good'),
    ),
  ]);
  const read = async (outcome: 'all' | 'succeeded' | 'failed') => {
    const lines: JobResultLine[] = [];
    for await (const batch of store.results('ada', id, { outcome })) lines.push(...batch);
    return lines;
  };
  expect((await read('all')).map(({ index }) => index)).toEqual(
    Array.from({ length: 450 }, (_, i) => i).filter((i) => i % 3 < 2),
  );
  expect((await read('succeeded'))[0]).toMatchObject({
    id: `${id}:1`,
    prompt: 'prompt 1',
    response: { status_code: 200, request_id: 'request-1', body: { text: 'good', usage: { total_tokens: 5 }, cost_usd: 0.25 } },
    error: null,
  });
  expect((await read('failed'))[0]).toMatchObject({ index: 0, response: null, error: { code: 'INFERENCE_ERROR' } });
});
