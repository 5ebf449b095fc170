import type { JobResultLine } from '@prodigon/contracts';
import { expect, it } from 'vitest';
import { failed, promptsOf, resultsOf, openJobsWithSession as setUp, succeeded } from './job-database.test-support.ts';

const START = { sequence: 0, index: 2_147_483_647 };
const DONE = { limit: 50, after: -1 } as const;

it('returns every change once and in commit order, from any position', async () => {
  const { submit, jobStore, queue, session, leaseStore } = await setUp();
  const { job_id: id } = await submit('ada', promptsOf(450));
  for (let items = await queue.claim(session, 90); items.length > 0; items = await queue.claim(session, 90)) {
    // Two concurrent writers, like two workers.
    const half = items.length / 2;
    await Promise.all([
      leaseStore.recordResults(session, resultsOf(items.slice(0, half), succeeded())),
      leaseStore.recordResults(session, resultsOf(items.slice(half), succeeded())),
    ]);
  }
  const seen: number[] = [];
  for (let position = START, hasMore = true; hasMore; ) {
    const read = await jobStore.changes('ada', id, position);
    // Drops the last changes, like a connection that breaks while it delivers them.
    const kept = read.changes.slice(0, Math.max(1, read.changes.length - 7));
    seen.push(...kept.map(({ item }) => item.index));
    position = kept.at(-1)?.position ?? position;
    hasMore = kept.length > 0 && (read.hasMore || kept.length < read.changes.length);
  }
  expect(seen).toHaveLength(450);
  expect(new Set(seen).size).toBe(450);
});

it('ends a page of long texts early, and continues with the next item', async () => {
  const { submit, jobStore, queue, session, leaseStore } = await setUp();
  const prompts = promptsOf(10).map((prompt) => prompt.padEnd(1_000_000));
  const { job_id: id } = await submit('ada', prompts);
  await leaseStore.recordResults(session, resultsOf(await queue.claim(session, 10), succeeded()));
  const first = await jobStore.items('ada', id, DONE);
  const second = await jobStore.items('ada', id, { ...DONE, after: first.next_after ?? 9 });
  expect([first.items.length, second.items.length, second.next_after]).toEqual([9, 1, null]);
  const lines: number[] = [];
  for await (const batch of jobStore.results('ada', id, { outcome: 'all' })) lines.push(batch.length);
  expect(lines).toEqual([9, 1]);
  expect(await jobStore.changes('ada', id, START)).toMatchObject({ changes: { length: 9 }, hasMore: true });
});

it('yields the results of ended items by index', async () => {
  const { submit, jobStore, queue, session, leaseStore } = await setUp();
  const { job_id: id } = await submit('ada', promptsOf(450));
  const items = [];
  for (let more = await queue.claim(session, 100); more.length > 0; more = await queue.claim(session, 100)) items.push(...more);
  await leaseStore.recordResults(session, [
    ...resultsOf(
      items.filter(({ index }) => index % 3 === 0),
      failed(),
    ),
    ...resultsOf(
      items.filter(({ index }) => index % 3 === 1),
      succeeded('good'),
    ),
  ]);
  const read = async (outcome: 'all' | 'succeeded' | 'failed') => {
    const lines: JobResultLine[] = [];
    for await (const batch of jobStore.results('ada', id, { outcome })) lines.push(...batch);
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
  const rest: number[] = [];
  for await (const batch of jobStore.results('ada', id, { outcome: 'all' }, 301)) rest.push(...batch.map(({ index }) => index));
  expect(rest).toEqual(Array.from({ length: 450 }, (_, i) => i).filter((i) => i % 3 < 2 && i >= 301));
});

it('knows the lengths of results without reading their texts, whatever characters they have', async () => {
  const { submit, jobStore, queue, session, leaseStore } = await setUp();
  const controls = Array.from({ length: 0x20 }, (_, code) => String.fromCharCode(code))
    .join('')
    .replace('\0', '');
  const texts = [controls, '"\\/', '\u007f\u0080\u00a0\u2028\u2029\ufeff\uffff', 'é𝄞👩‍👩‍👧', 'plain', ' ', '\\u0041 \\n'];
  const { job_id: id } = await submit(
    'ada',
    texts.map((text) => `p${text}`),
  );
  const items = await queue.claim(session, texts.length);
  for (const item of items.slice(1))
    await leaseStore.recordResults(session, resultsOf([item], succeeded(texts[item.index] ?? '')));
  await leaseStore.recordResults(session, resultsOf(items.slice(0, 1), failed()));
  const lengths: number[] = [];
  for await (const sizes of jobStore.resultSizes('ada', id, { outcome: 'all' }))
    lengths.push(...sizes.map(({ line, textBytes }) => Buffer.byteLength(JSON.stringify(line)) + textBytes));
  const expected: number[] = [];
  for await (const lines of jobStore.results('ada', id, { outcome: 'all' }))
    expected.push(...lines.map((line) => Buffer.byteLength(JSON.stringify(line))));
  expect(lengths).toEqual(expected);
  expect(lengths).toHaveLength(texts.length);
});
