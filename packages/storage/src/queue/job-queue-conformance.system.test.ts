import type { JobQueue } from '@prodigon/ports';
import type { Kysely } from 'kysely';
import { describe, expect, it } from 'vitest';
import type { Database } from '../database-schema.ts';
import { openJobDatabase, promptsOf, retried, settlementsOf, succeeded } from '../job-database.test-support.ts';
import { createMemoryJobQueue } from './memory-job-queue.ts';
import { createPostgresJobQueue } from './postgres-job-queue.ts';

const QUEUES: [string, (db: Kysely<Database>) => JobQueue][] = [
  ['postgres', createPostgresJobQueue],
  ['memory', createMemoryJobQueue],
];

describe.each(QUEUES)('a job queue in %s', (_name, createQueue) => {
  async function setUp() {
    const jobs = await openJobDatabase();
    return { ...jobs, queue: createQueue(jobs.db), session: await jobs.openSession() };
  }

  it('gives out each item once, with what its attempt needs', async () => {
    const { queue, session, submit } = await setUp();
    const job = await submit('ada', promptsOf(5), { options: { model: 'prodigon-sim', system_prompt: 'Be brief.' } });
    const first = await queue.claim(session, 3);
    const rest = await queue.claim(session, 10);
    expect([...first, ...rest].map(({ index }) => index).sort()).toEqual([0, 1, 2, 3, 4]);
    expect(first[0]).toMatchObject({ jobId: job.job_id, ownerId: 'ada', attempt: 1, failures: 0 });
    expect(first[0]?.options).toEqual({ model: 'prodigon-sim', system_prompt: 'Be brief.', max_tokens: 100, temperature: 0 });
    expect(first.map(({ prompt, index }) => prompt === `prompt ${index}`)).toEqual([true, true, true]);
    expect(await queue.claim(session, 10)).toEqual([]);
  });

  it('never gives one item to two that claim at the same time', async () => {
    const { queue, session, submit } = await setUp();
    await submit('ada', promptsOf(200));
    const claims = await Promise.all(Array.from({ length: 10 }, () => queue.claim(session, 20)));
    const indexes = claims.flat().map(({ index }) => index);
    expect(new Set(indexes).size).toBe(indexes.length);
    for (let more = await queue.claim(session, 50); more.length > 0; more = await queue.claim(session, 50))
      indexes.push(...more.map(({ index }) => index));
    expect(indexes.toSorted((one, other) => one - other)).toEqual(Array.from({ length: 200 }, (_, index) => index));
  });

  it('lets owners take turns, however much one of them has submitted first', async () => {
    const { queue, session, submit } = await setUp();
    await submit('whale', promptsOf(500));
    await submit('ada', promptsOf(4));
    await submit('bob', promptsOf(4));
    const claimed = await queue.claim(session, 12);
    const count = (owner: string) => claimed.filter(({ ownerId }) => ownerId === owner).length;
    expect([count('ada'), count('bob'), count('whale')]).toEqual([4, 4, 4]);
  });

  it('lets owners take turns even when each claim takes a single item', async () => {
    const { queue, session, submit } = await setUp();
    for (const owner of ['ada', 'bob', 'cleo']) await submit(owner, promptsOf(3));
    const owners: string[] = [];
    for (let turn = 0; turn < 6; turn += 1) owners.push((await queue.claim(session, 1))[0]?.ownerId ?? '');
    expect(new Set(owners.slice(0, 3))).toEqual(new Set(['ada', 'bob', 'cleo']));
    expect(owners.slice(3)).toEqual(owners.slice(0, 3));
  });

  it('takes the more urgent of one owner first, and of equals the older', async () => {
    const { queue, session, submit } = await setUp();
    await submit('ada', ['old']);
    await submit('ada', ['new']);
    await submit('ada', ['urgent'], { options: { priority: 9 } });
    const prompts: string[] = [];
    for (let turn = 0; turn < 3; turn += 1) prompts.push((await queue.claim(session, 1))[0]?.prompt ?? '');
    expect(prompts).toEqual(['urgent', 'old', 'new']);
  });

  it('gives nothing to a worker whose lease has expired', async () => {
    const { queue, session, submit, expire } = await setUp();
    await submit('ada', promptsOf(3));
    await expire(session);
    expect(await queue.claim(session, 3)).toEqual([]);
  });

  it('gives an item again after its wait, and counts the attempt and the failure', async () => {
    const { queue, session, submit, ledger } = await setUp();
    await submit('ada', ['only']);
    await ledger.recordResults(session, settlementsOf(await queue.claim(session, 1), retried()));
    expect(await queue.claim(session, 1)).toEqual([]);
    expect(await ledger.promoteDelayed()).toBe(1);
    queue.notify();
    expect(await queue.claim(session, 1)).toMatchObject([{ index: 0, attempt: 2, failures: 1 }]);
  });

  it('gives nothing of a job that was cancelled', async () => {
    const { queue, session, submit, store } = await setUp();
    const job = await submit('ada', promptsOf(50));
    expect(await queue.claim(session, 10)).toHaveLength(10);
    await store.cancel('ada', job.job_id);
    expect(await queue.claim(session, 10)).toEqual([]);
  });

  it('finds what waits without having been told, as after a crash', async () => {
    const { db, submit, session, queue: earlier } = await setUp();
    await submit('ada', promptsOf(30));
    await earlier.claim(session, 10);
    const queue = createQueue(db);
    expect(await queue.claim(session, 100)).toHaveLength(20);
    await submit('bob', promptsOf(2));
    expect(await queue.claim(session, 100)).toHaveLength(2);
  });

  it('empties a queue of thousands completely', async () => {
    const { queue, session, submit, ledger, store } = await setUp();
    const job = await submit('ada', promptsOf(3_000));
    for (let items = await queue.claim(session, 400); items.length > 0; items = await queue.claim(session, 400))
      await ledger.recordResults(session, settlementsOf(items, succeeded()));
    expect(await store.get('ada', job.job_id)).toMatchObject({ status: 'completed', completed_prompts: 3_000 });
  });
});
