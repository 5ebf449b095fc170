import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';
import { json } from 'node:stream/consumers';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import { AppError, type Job, jobFileQuerySchema } from '@prodigon/contracts';
import { createSimulatorProvider } from '@prodigon/model-providers';
import { ITEM_INDEX_MAX, type JobSubmission, type JobsClient } from '@prodigon/ports';
import { expect, it } from 'vitest';
import { startPlatform, type Topology } from '../gateway-harness.test-support.ts';
import { QUEUED_JOB } from './memory-worker.test-support.ts';

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
async function start(overrides: Partial<JobsClient> = {}, topology: Topology = 'in one process') {
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
  const { url, log, modelServer } = await startPlatform({ topology, providers, jobs: recording });
  const call = (path: string, init: RequestInit = {}) => fetch(`${url}/api/v1/jobs${path}`, init);
  return { url, call, calls, log, modelServer };
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

const CREATED: Job = { ...QUEUED_JOB, job_id: JOB_ID, total_prompts: 2, sequence: 1 };

it('passes the bytes of a file and the options of its query to the worker service', async () => {
  let text = '';
  const { call, calls, log } = await start({
    create: async ({ source }) => {
      if (source.type === 'file') for await (const bytes of source.bytes) text += Buffer.from(bytes).toString();
      return { job: CREATED, isReplay: false };
    },
  });
  const init = { method: 'POST', headers: { 'content-type': 'text/plain; charset=utf-8' }, body: 'one\ntwo\n' };
  const response = await call('?max_tokens=5&name=Mine', init);
  expect([response.status, await response.json()]).toEqual([202, CREATED]);
  expect(response.headers.get('location')).toBe(`/api/v1/jobs/${JOB_ID}`);
  expect(response.headers.has('idempotent-replayed')).toBe(false);
  expect(text).toBe('one\ntwo\n');
  expect(calls).toMatchObject([
    { method: 'create', args: [{ source: { type: 'file', format: 'txt' }, options: { max_tokens: 5, name: 'Mine' } }] },
  ]);
  expect(log()).toContain(`"job_id":"${JOB_ID}","prompts":2`);
});

it('marks the response of a replayed request', async () => {
  const { call } = await start({ create: async () => ({ job: CREATED, isReplay: true }) });
  const headers = { 'content-type': 'application/json' };
  const response = await call('', { method: 'POST', headers, body: JSON.stringify({ prompts: ['one'] }) });
  expect([response.status, response.headers.get('idempotent-replayed')]).toEqual([202, 'true']);
});

it.each([
  ['a body that does not fit its schema', { 'content-type': 'application/json' }, ''],
  ['a query of a file with an unknown option', { 'content-type': 'text/plain' }, '?unknown=1'],
  ['an idempotency key of 256 characters', { 'content-type': 'text/plain', 'idempotency-key': 'k'.repeat(256) }, ''],
])('rejects %s before the worker service is called', async (_case, headers, query) => {
  const { call, calls } = await start();
  const response = await call(query, { method: 'POST', headers, body: '{"prompts":5}' });
  expect([response.status, (await response.json()).error.code]).toEqual([422, 'VALIDATION_ERROR']);
  expect(calls).toEqual([]);
});

it.each([
  ['GET', `/${JOB_ID}`, 'get', [JOB_ID], CREATED],
  ['POST', `/${JOB_ID}/cancel`, 'cancel', [JOB_ID], CREATED],
  ['POST', `/${JOB_ID}/retry`, 'retry', [JOB_ID], CREATED],
  ['GET', '?limit=3', 'list', [{ limit: 3 }], { jobs: [CREATED], next_after: null }],
  ['GET', `/${JOB_ID}/items?limit=3`, 'items', [JOB_ID, { limit: 3, after: -1 }], { items: [], next_after: null }],
] as const)('returns the response of the worker service: %s /api/v1/jobs%s', async (method, path, name, args, body) => {
  const { call, calls } = await start({ [name]: async () => body });
  const response = await call(path, { method });
  expect([response.status, await response.json()]).toEqual([200, body]);
  expect(calls).toEqual([{ method: name, args }]);
});

it('accepts any model while the model service is unreachable', async () => {
  const create = async () => ({ job: CREATED, isReplay: false });
  const { call, modelServer } = await start({ create }, 'over HTTP/2');
  await modelServer?.server.close();
  const body = JSON.stringify({ prompts: ['one'], model: 'unheard-of' });
  expect((await call('', { method: 'POST', headers: { 'content-type': 'application/json' }, body })).status).toBe(202);
});

it.each([
  ['gzip', gzipSync],
  ['zstd', zstdCompressSync],
])('decodes a file with the content encoding %s', async (encoding, encode) => {
  let text = '';
  const { call } = await start({
    create: async ({ source }) => {
      if (source.type === 'file') for await (const bytes of source.bytes) text += Buffer.from(bytes).toString();
      return { job: CREATED, isReplay: false };
    },
  });
  const file = 'a prompt of a file\n'.repeat(50_000);
  const headers = { 'content-type': 'text/plain', 'content-encoding': encoding };
  expect((await call('', { method: 'POST', headers, body: encode(file) })).status).toBe(202);
  expect(text === file).toBe(true);
  const damaged = await call('', { method: 'POST', headers, body: file });
  expect([damaged.status, (await damaged.json()).error]).toMatchObject([400, { message: `The body is not valid ${encoding}.` }]);
});

it.each([
  ['repeated', '?priority=1&priority=2', {}, 'priority'],
  ['beside a JSON job', '?priority=9', { 'content-type': 'application/json' }, ''],
  ['not in decimal digits', '?priority=0x1', {}, 'priority'],
  ['not in decimal digits', '?temperature=1e0', {}, 'temperature'],
  ['with a repeated idempotency key', '', { 'idempotency-key': ['a', 'b'] }, 'idempotency-key'],
])('rejects an option that is %s: %s', async (_case, query, headers, path) => {
  const { url, calls } = await start();
  const all = { 'content-type': 'text/plain', ...headers };
  const sent = request(`${url}/api/v1/jobs${query}`, { method: 'POST', headers: all }).end('{"prompts":["x"]}');
  const [response] = (await once(sent, 'response')) as [IncomingMessage];
  const { error } = (await json(response)) as { error: { details: { path: string }[] } };
  expect([response.statusCode, error.details.map((each) => each.path)]).toEqual([422, [path]]);
  expect(calls).toEqual([]);
});

it('takes empty options of a file as absent', async () => {
  const { call, calls } = await start({ create: async () => ({ job: CREATED, isReplay: false }) });
  const response = await call('?temperature=&model=&priority=&name=', {
    method: 'POST',
    headers: { 'content-type': 'text/plain' },
    body: 'x',
  });
  expect(response.status).toBe(202);
  const [{ args } = { args: [] }] = calls;
  expect(args).toMatchObject([{ options: jobFileQuerySchema.parse({}) }]);
});

it.each([
  'limit=0',
  'limit=-1',
  'limit=201',
  'limit=1.5',
  'limit=1e1',
  'limit=%205',
  'limit=%2B5',
  'limit=NaN',
  'limit=1&limit=2',
  'limit[]=1',
  'after=x',
  'after=-1',
  'status=PENDING',
  'status=bogus',
  'status=pending,running',
  `q=${'a'.repeat(201)}`,
  'q=%00',
  'cursor=1',
  '__proto__=1',
  'constructor=1',
])('rejects the list query %s', async (query) => {
  const { call, calls } = await start({ list: async () => ({ jobs: [], next_after: null }) });
  const response = await call(`?${query}`);
  const { error } = await response.json();
  expect([response.status, error?.code, calls]).toEqual([422, 'VALIDATION_ERROR', []]);
});

it.each(['', 'limit=&after=&status=&q=', 'limit=20', '&&', 'limit=020', 'q=%', 'q=%FF'])(
  'lists jobs for the query %s',
  async (query) => {
    const { call, calls } = await start({ list: async () => ({ jobs: [], next_after: null }) });
    expect((await call(`?${query}`)).status).toBe(200);
    expect(calls).toMatchObject([{ method: 'list', args: [{ limit: 20 }] }]);
  },
);
