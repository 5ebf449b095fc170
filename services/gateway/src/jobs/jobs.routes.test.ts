import { AppError, type Job } from '@prodigon/contracts';
import { createSimulatorProvider } from '@prodigon/model-providers';
import { ITEM_INDEX_MAX, type JobSubmission, type JobsClient } from '@prodigon/ports';
import { expect, it } from 'vitest';
import { startPlatform } from '../gateway-harness.test-support.ts';

const JOB_ID = '01a20ad0-a913-7191-8a23-763a9ac3ab81';
const job: Job = {
  job_id: JOB_ID,
  status: 'pending',
  name: 'Job',
  created_at: '2026-03-10T12:00:00.000Z',
} as Job;

async function* chunksOf(...texts: string[]) {
  for (const text of texts) yield Buffer.from(text);
}

/** Starts the gateway with a jobs client that records its calls. */
async function start(overrides: Partial<JobsClient> = {}) {
  const calls: { method: string; args: unknown[] }[] = [];
  const recording = new Proxy({} as JobsClient, {
    get:
      (_target, method: keyof JobsClient) =>
      async (...args: unknown[]) => {
        calls.push({ method, args: args.slice(0, -1) });
        return (overrides[method] as (...all: unknown[]) => unknown)?.(...args);
      },
  });
  const providers = [{ endpoints: [createSimulatorProvider()] }];
  const { url, log } = await startPlatform({ topology: 'in one process', providers, jobs: recording });
  const call = (path: string, init: RequestInit = {}) => fetch(`${url}/api/v1/jobs${path}`, init);
  return { call, calls, log };
}

it.each([
  [undefined, '', undefined],
  [undefined, '?after=7', { sequence: 7, index: ITEM_INDEX_MAX }],
  ['', '?after=0', { sequence: 0, index: ITEM_INDEX_MAX }],
  [`${JOB_ID}:12`, '?after=7', { sequence: 12, index: ITEM_INDEX_MAX }],
  [`${JOB_ID}:12.3`, '', { sequence: 12, index: 3 }],
  [`${JOB_ID}:12.9999999999`, '', { sequence: 12, index: ITEM_INDEX_MAX }],
])('resumes events after Last-Event-ID %s and query %s', async (lastEventId, query, position) => {
  const { call, calls } = await start({ events: async () => chunksOf('event: end\n', 'data: {}\n\n') });
  const response = await call(`/${JOB_ID}/events${query}`, {
    headers: lastEventId === undefined ? {} : { 'last-event-id': lastEventId },
  });
  expect([response.status, await response.text()]).toEqual([200, 'event: end\ndata: {}\n\n']);
  expect(calls).toEqual([{ method: 'events', args: [JOB_ID, position] }]);
});

it.each(['x', `${JOB_ID}:x`, `${JOB_ID}:1.x`, '01a20ad0-a913-7191-8a23-763a9ac3ab82:1'])(
  'rejects the Last-Event-ID %s',
  async (lastEventId) => {
    const { call, calls } = await start();
    const response = await call(`/${JOB_ID}/events`, { headers: { 'last-event-id': lastEventId } });
    expect([response.status, (await response.json()).error.details]).toEqual([
      422,
      [{ path: 'last-event-id', message: 'Is not an event of this job.' }],
    ]);
    expect(calls).toEqual([]);
  },
);

it.each([
  ['', `prodigon-${JOB_ID}.jsonl`],
  ['?outcome=failed', `prodigon-${JOB_ID}-failed.jsonl`],
])('downloads results as a file named after the job and the outcome: %s', async (query, filename) => {
  const { call } = await start({ results: async () => chunksOf('{}\n', '{}\n') });
  const response = await call(`/${JOB_ID}/results.jsonl${query}`);
  expect(response.headers.get('content-disposition')).toBe(`attachment; filename="${filename}"`);
  expect(response.headers.get('content-type')).toBe('application/jsonl; charset=utf-8');
  expect(await response.text()).toBe('{}\n{}\n');
});

it('aborts the connection if the results fail, so that clients detect a truncated file', async () => {
  const { call, log } = await start({
    results: async () =>
      (async function* () {
        yield Buffer.from('{}\n');
        throw new AppError('SERVICE_UNAVAILABLE');
      })(),
  });
  const response = await call(`/${JOB_ID}/results.jsonl`);
  await expect(response.text()).rejects.toThrow();
  await expect.poll(log).toContain('"code":"SERVICE_UNAVAILABLE"');
});

it('passes prompts, options and the idempotency key to the worker service', async () => {
  const submissions: JobSubmission[] = [];
  const { call } = await start({
    create: async (submission) => {
      submissions.push(submission);
      throw new AppError('CONFLICT');
    },
  });
  const response = await call('', {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'idempotency-key': 'key-1' },
    body: JSON.stringify({ prompts: ['one'], max_tokens: 5 }),
  });
  expect(response.status).toBe(409);
  expect(submissions).toMatchObject([
    { source: { type: 'prompts', prompts: ['one'] }, options: { max_tokens: 5 }, idempotencyKey: 'key-1' },
  ]);
});

it('rejects a job for an unknown model before the worker service is called', async () => {
  const { call, calls } = await start();
  const response = await call('', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ prompts: ['one'], model: 'unheard-of' }),
  });
  expect([response.status, (await response.json()).error.code]).toEqual([422, 'UNKNOWN_MODEL']);
  expect(calls).toEqual([]);
});

it('returns 404 for an id that is not a UUID without calling the worker service', async () => {
  const { call, calls } = await start({ get: async () => job });
  expect((await call('/x')).status).toBe(404);
  expect(calls).toEqual([]);
});

it('deletes a job with 204 and no body', async () => {
  const { call, calls } = await start();
  const response = await call(`/${JOB_ID}`, { method: 'DELETE' });
  expect([response.status, await response.text()]).toEqual([204, '']);
  expect(calls).toEqual([{ method: 'remove', args: [JOB_ID] }]);
});
