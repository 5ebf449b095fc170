import { Readable } from 'node:stream';
import { readFramedBody } from '@prodigon/platform';
import type { CallContext } from '@prodigon/ports';
import { describe, expect, it, onTestFinished } from 'vitest';
import { CANCELLED, createContext, createFakeTransport, type FakeResponse } from './fake-transport.test-support.ts';
import { createHttp2Transport } from './http2-transport.ts';
import { createRemoteJobsClient } from './remote-jobs-client.ts';
import { startReplica } from './replica.test-support.ts';

const context: CallContext = {
  requestId: 'request',
  traceparent: '00-00000000000000000000000000000001-0000000000000001-01',
  principal: { id: 'local' },
  deadline: performance.now() + 60_000,
  signal: new AbortController().signal,
};

it('throws when a killed worker service leaves results incomplete', async () => {
  const worker = await startReplica('worker');
  worker.respondWith((response) => response.writeHead(200).write('{"index":0}\n'));
  const transport = createHttp2Transport({ baseUrl: worker.url, connectTimeoutMs: 5_000 });
  onTestFinished(() => transport.close());
  const jobs = createRemoteJobsClient({ transport, internalToken: 'token' });
  let received = '';
  const reading = async () => {
    for await (const bytes of await jobs.results('job', { outcome: 'all' }, context)) {
      received += Buffer.from(bytes).toString();
      await worker.kill();
    }
  };
  await expect(reading()).rejects.toMatchObject({
    code: 'SERVICE_UNAVAILABLE',
    message: 'The worker service ended the response before it was complete.',
  });
  expect(received).toBe('{"index":0}\n');
});

describe('a client of the worker service', () => {
  const setUp = (response: FakeResponse) => {
    const transport = createFakeTransport(response);
    return { transport, jobs: createRemoteJobsClient({ transport, internalToken: 'token' }) };
  };
  const read = async (bytes: AsyncIterable<Uint8Array>) => {
    let text = '';
    for await (const chunk of bytes) text += Buffer.from(chunk).toString();
    return text;
  };

  it('sends each request to its path, with the given values in the query', async () => {
    const { transport, jobs } = setUp({ status: 404, chunks: ['{}'] });
    const calls = [
      () => jobs.list({ limit: 2, q: 'a b' }, createContext()),
      () => jobs.get('job', createContext()),
      () => jobs.items('job', { limit: 5, after: -1 }, createContext()),
      () => jobs.results('job', { outcome: 'all' }, createContext()),
      () => jobs.results('job', { outcome: 'failed', version: 7, first: 0 }, createContext()),
      () => jobs.resultsInfo('job', { outcome: 'all', isMeasured: true }, createContext()),
      () => jobs.events('job', { sequence: 0, index: 7 }, createContext()),
      () => jobs.events('job', undefined, createContext()),
      () => jobs.cancel('job', createContext()),
      () => jobs.retry('job', createContext()),
      () => jobs.remove('job', createContext()),
      () => jobs.activity(createContext()),
    ];
    for (const call of calls) await expect(call()).rejects.toMatchObject({ code: 'INTERNAL_ERROR' });
    expect(transport.requests.map(({ method, path }) => `${method} ${path.replace('/internal/v1/jobs', '')}`)).toEqual([
      'GET ?limit=2&q=a+b',
      'GET /job',
      'GET /job/items?limit=5&after=-1',
      'GET /job/results?outcome=all',
      'GET /job/results?outcome=failed&version=7&first=0',
      'GET /job/results/info?outcome=all&measured=true',
      'GET /job/events?sequence=0&index=7',
      'GET /job/events',
      'POST /job/cancel',
      'POST /job/retry',
      'DELETE /job',
      'GET /activity',
    ]);
    // A repeated cancellation, retry or deletion could hit the state after the first one.
    const isRead = transport.requests.map(({ method }) => method === 'GET');
    expect(transport.requests.map(({ isRetryable }) => isRetryable)).toEqual(isRead);
  });

  it('submits prompts as one line, and a file with its bytes after that', async () => {
    async function* bytes() {
      yield Buffer.from('one\n');
    }
    const sources = [
      { type: 'prompts', prompts: ['one'] },
      { type: 'file', format: 'txt', bytes: bytes() },
    ] as const;
    const bodies: string[] = [];
    for (const source of sources) {
      const { transport, jobs } = setUp({ status: 404, chunks: ['{}'] });
      const options = { max_tokens: 1, temperature: 0, priority: 0, expires_in_hours: 1 };
      await expect(jobs.create({ options, source, idempotencyKey: 'key' }, createContext())).rejects.toThrow();
      const [request] = transport.requests;
      expect(request?.headers['content-type']).toBe('application/x-prodigon-submission');
      bodies.push(await read(readFramedBody(Readable.from(request?.body as AsyncIterable<Uint8Array>))));
    }
    const [prompts = '', file = ''] = bodies;
    expect(JSON.parse(prompts)).toMatchObject({ idempotencyKey: 'key', source: { type: 'prompts', prompts: ['one'] } });
    expect(file).toMatch(/^\{.*"source":\{"type":"file","format":"txt"\}\}\none\n$/);
  });

  it('throws when a stream is incomplete, with and without an error of its body', async () => {
    const code = 'SERVICE_UNAVAILABLE';
    for (const end of [{ trailers: {} }, { bodyError: new Error('reset') }]) {
      const { jobs } = setUp({ chunks: ['data: 1\n\n'], ...end });
      await expect(read(await jobs.events('job', undefined, createContext()))).rejects.toMatchObject({ code });
      await expect(read(await jobs.results('job', { outcome: 'all' }, createContext()))).rejects.toMatchObject({ code });
    }
  });

  it('ends events when the call is cancelled, as in one process, and throws for results, which would look complete', async () => {
    const { jobs } = setUp({ chunks: ['data: 1\n\n'], trailers: {} });
    const abort = new AbortController();
    const cancelled = createContext({ signal: abort.signal });
    const [events, results] = [
      await jobs.events('job', undefined, cancelled),
      await jobs.results('job', { outcome: 'all' }, cancelled),
    ];
    abort.abort(CANCELLED);
    expect(await read(events)).toBe('data: 1\n\n');
    await expect(read(results)).rejects.toBe(CANCELLED);
  });

  it('yields the events of a job in complete frames', async () => {
    const { jobs } = setUp({ chunks: ['data: 1\n', '\ndata: 2'] });
    expect(await read(await jobs.events('job', undefined, createContext()))).toBe('data: 1\n\n');
  });
});
