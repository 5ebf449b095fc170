import { AppError } from '@prodigon/contracts';
import { createSimulatorProvider } from '@prodigon/model-providers';
import type { JobResultsInfo, JobResultsRequest, JobsClient } from '@prodigon/ports';
import { beforeAll, beforeEach, expect, it } from 'vitest';
import { closeAfterAll, startPlatform } from '../gateway-harness.test-support.ts';

const JOB_ID = '01a20ad0-a913-7191-8a23-763a9ac3ab81';
const LINES = '{"index":0,"prompt":"é"}\n{"index":1}\n{"index":22}\n';
const BYTES = Buffer.from(LINES);
const TAG = `"${JOB_ID}.all.7"`;

/** What the worker service returns, and what it received. */
const worker = { version: 7 as number | null, available: BYTES, failure: undefined as AppError | undefined };
let calls: unknown[];
const jobs = {
  async resultsInfo(_jobId: string, { isMeasured }: { isMeasured: boolean }): Promise<JobResultsInfo> {
    calls.push({ isMeasured });
    return { version: worker.version, bytes: isMeasured && worker.version !== null ? BYTES.length : null };
  },
  async results(_jobId: string, request: JobResultsRequest) {
    calls.push(request);
    return (async function* () {
      // In small chunks that do not end where lines do.
      for (let at = request.first ?? 0; at < worker.available.length; at += 7) yield worker.available.subarray(at, at + 7);
      if (worker.failure) throw worker.failure;
    })();
  },
} as unknown as JobsClient;

let url: string;
let log: () => string;
const onClose = closeAfterAll();
beforeAll(async () => {
  ({ url, log } = await startPlatform(
    { topology: 'in one process', providers: [{ endpoints: [createSimulatorProvider()] }], jobs },
    onClose,
  ));
});
beforeEach(() => {
  calls = [];
  Object.assign(worker, { version: 7, available: BYTES, failure: undefined });
});

async function get(headers: Record<string, string> = {}, { query = '', method = 'GET' } = {}) {
  const response = await fetch(`${url}/api/v1/jobs/${JOB_ID}/results.jsonl${query}`, { method, headers });
  const { status } = response;
  const header = (name: string) => response.headers.get(name);
  return { status, header, body: Buffer.from(await response.arrayBuffer()) };
}

it.each([
  ['', `prodigon-${JOB_ID}.jsonl`, TAG],
  ['?outcome=failed', `prodigon-${JOB_ID}-failed.jsonl`, `"${JOB_ID}.failed.7"`],
])('sends a file named after the job and the outcome, with an entity tag: %s', async (query, filename, tag) => {
  const { status, header, body } = await get({}, { query });
  expect([status, header('content-type'), body.toString()]).toEqual([200, 'application/jsonl; charset=utf-8', LINES]);
  expect(header('content-disposition')).toBe(`attachment; filename="${filename}"`);
  expect([header('etag'), header('accept-ranges')]).toEqual([tag, 'bytes']);
  // The download does not wait until all results are measured.
  expect(calls).toMatchObject([{ isMeasured: false }, { version: 7 }]);
});

it('continues a download that was cut at any byte', async () => {
  for (let first = 1; first < BYTES.length; first++) {
    const { status, header, body } = await get({ range: `bytes=${first}-`, 'if-range': TAG });
    expect([status, header('content-range')]).toEqual([206, `bytes ${first}-${BYTES.length - 1}/${BYTES.length}`]);
    expect(Buffer.concat([BYTES.subarray(0, first), body]).equals(BYTES)).toBe(true);
  }
});

it.each([
  ['bytes=3-20', 3, 20],
  ['bytes=0-0', 0, 0],
  ['bytes=-5', BYTES.length - 5, BYTES.length - 1],
])('sends the part %s', async (range, first, last) => {
  const { status, header, body } = await get({ range });
  expect([status, header('content-range'), header('content-length')]).toEqual([
    206,
    `bytes ${first}-${last}/${BYTES.length}`,
    String(last - first + 1),
  ]);
  expect([header('etag'), header('content-type'), header('content-disposition')]).toEqual([
    TAG,
    'application/jsonl; charset=utf-8',
    expect.any(String),
  ]);
  expect(body.equals(BYTES.subarray(first, last + 1))).toBe(true);
});

it.each([
  ['the results have changed', { range: 'bytes=5-', 'if-range': `"${JOB_ID}.all.6"` }],
  ['the condition is a date', { range: 'bytes=5-', 'if-range': 'Sun, 29 Nov 2026 12:00:00 GMT' }],
  ['the tag is weak', { range: 'bytes=5-', 'if-range': `W/${TAG}` }],
  ['there are several ranges', { range: 'bytes=0-1,4-5' }],
  ['the range is malformed', { range: 'bytes=x-' }],
])('sends everything when %s', async (_case, headers) => {
  const { status, body } = await get(headers as Record<string, string>);
  expect([status, body.equals(BYTES)]).toEqual([200, true]);
});

it('rejects a range behind the end with the length', async () => {
  const { status, header, body } = await get({ range: `bytes=${BYTES.length}-` });
  expect([status, header('content-range'), JSON.parse(body.toString()).error.code]).toEqual([
    416,
    `bytes */${BYTES.length}`,
    'RANGE_NOT_SATISFIABLE',
  ]);
  expect(header('content-type')).toBe('application/json; charset=utf-8');
});

it.each([TAG, `W/${TAG}`, '*', `"x", ${TAG}`])('returns 304 for the known tag %s', async (tag) => {
  const { status, header, body } = await get({ 'if-none-match': tag, range: 'bytes=5-' });
  expect([status, header('etag'), body.length]).toEqual([304, TAG, 0]);
});

it('returns the length for HEAD, whatever its Range is', async () => {
  const { status, header, body } = await get({ range: 'bytes=5-' }, { method: 'HEAD' });
  expect([status, header('content-length'), header('accept-ranges'), body.length]).toEqual([
    200,
    String(BYTES.length),
    'bytes',
    0,
  ]);
  expect(calls).toEqual([{ isMeasured: true }]);
});

it('offers no ranges of the results of a running job, which change', async () => {
  worker.version = null;
  for (const method of ['GET', 'HEAD']) {
    const { status, header, body } = await get({ range: 'bytes=5-', 'if-none-match': '*' }, { method });
    expect([status, header('etag'), header('accept-ranges')]).toEqual([200, null, 'none']);
    expect(body.toString()).toBe(method === 'GET' ? LINES : '');
  }
});

it.each([{}, { range: 'bytes=2-' }])('closes the connection when the results fail or end early: %s', async (headers) => {
  worker.failure = new AppError('SERVICE_UNAVAILABLE');
  worker.available = BYTES.subarray(0, 20);
  await expect(get(headers as Record<string, string>)).rejects.toThrow();
  await expect.poll(log).toContain('"code":"SERVICE_UNAVAILABLE"');
  worker.failure = undefined;
  if ('range' in headers) await expect(get(headers)).rejects.toThrow();
});

it('does not accept HEAD for events, which would wait for the end of the job', async () => {
  const response = await fetch(`${url}/api/v1/jobs/${JOB_ID}/events`, { method: 'HEAD' });
  expect([response.status, response.headers.get('allow')]).toEqual([405, 'GET']);
});
