import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { jobOptionsSchema } from '@prodigon/contracts';
import {
  createHttpServer,
  createInternalContextFactory,
  createLifecycle,
  createLogger,
  createMetrics,
  frameBody,
  INTERNAL_HEADERS,
  SUBMISSION_TYPE,
} from '@prodigon/platform';
import type { CallContext, JobSubmission, JobsClient } from '@prodigon/ports';
import { createHttp1Transport, createHttp2Transport, createRemoteJobsClient } from '@prodigon/service-clients';
import { describe, expect, it, onTestFinished } from 'vitest';
import { jobsRoutes } from './jobs.routes.ts';

const JOB_ID = '0199a8f0-0000-7000-8000-000000000001';
const internalToken = 'internal-token-of-the-tests';

type Method = 'GET' | 'POST' | 'DELETE';

async function* chunksOf(...texts: string[]) {
  for (const text of texts) yield Buffer.from(text);
}

/** Serves a jobs client whose methods record their arguments without the context, and return what `overrides` return. */
async function start(
  overrides: Partial<Record<keyof JobsClient, (...args: never[]) => unknown>> = {},
  isAvailable?: () => Promise<boolean>,
) {
  const calls: unknown[][] = [];
  const principals: string[] = [];
  const client = new Proxy({} as JobsClient, {
    get:
      (_target, method: keyof JobsClient) =>
      async (...args: never[]) => {
        calls.push([method, ...args.slice(0, -1)]);
        principals.push((args.at(-1) as unknown as CallContext).principal.id);
        return overrides[method]?.(...args) ?? {};
      },
  });
  const createContext = createInternalContextFactory({
    lifecycle: createLifecycle({ drainTimeoutMs: 1, graceMs: 1 }),
    timeoutMs: 60_000,
  });
  const server = await createHttpServer({
    service: 'worker',
    logger: createLogger({ service: 'worker', level: 'fatal', secrets: [] }),
    metrics: createMetrics(),
    authentication: { internalToken, openMetrics: false },
    http2: true,
    plugins: [jobsRoutes({ client, createContext, isAvailable })],
  });
  onTestFinished(() => server.close());
  const url = await server.listen({ host: '127.0.0.1', port: 0 });
  async function send(method: Method, path: string, body?: string | Buffer<ArrayBuffer>) {
    const response = await fetch(`${url}/internal/v1/jobs${path}`, {
      method,
      headers: {
        authorization: `Bearer ${internalToken}`,
        [INTERNAL_HEADERS.principal]: 'ada',
        ...(body && { 'content-type': SUBMISSION_TYPE }),
      },
      ...(body && { body }),
    });
    return { status: response.status, text: await response.text(), headers: response.headers };
  }
  return { url, send, calls, principals };
}

/** Returns the framed body of a submission. */
async function framed(body: string | Uint8Array): Promise<Buffer<ArrayBuffer>> {
  const frames: Uint8Array[] = [];
  for await (const frame of frameBody(Readable.from([Buffer.from(body)]))) frames.push(frame);
  return Buffer.concat(frames);
}

async function errorOf(method: Method, path: string, body?: string | Buffer<ArrayBuffer>) {
  const { send, calls } = await start();
  const { status, text } = await send(method, path, body);
  expect(calls).toEqual([]);
  return [status, JSON.parse(text).error.code];
}

describe('POST /internal/v1/jobs', () => {
  it.each([
    ['is not JSON', '{"options":k}\n', 400, 'INVALID_JSON'],
    ['is binary', Buffer.from([0x1f, 0x8b, 0x0a]), 400, 'INVALID_JSON'],
    ['has no end', '{}', 400, 'BAD_REQUEST'],
    ['is empty', '{}\n', 422, 'VALIDATION_ERROR'],
  ])('rejects a submission whose first line %s', async (_case, body, status, code) => {
    expect(await errorOf('POST', '', await framed(body))).toEqual([status, code]);
  });

  it('rejects a list of prompts without its end mark', async () => {
    const whole = await framed('{"options":{},"source":{"type":"prompts","prompts":["one"]}}\n');
    expect(await errorOf('POST', '', whole.subarray(0, -4))).toEqual([400, 'BAD_REQUEST']);
  });

  it('passes a list of prompts with its options, its idempotency key and its owner', async () => {
    const { send, calls, principals } = await start();
    const source = { type: 'prompts', prompts: ['one'] };
    const header = { options: { max_tokens: 5 }, idempotencyKey: 'key-1', source };
    expect((await send('POST', '', await framed(`${JSON.stringify(header)}\n`))).status).toBe(200);
    const options = jobOptionsSchema.parse({ max_tokens: 5 });
    expect(calls).toEqual([['create', { options, idempotencyKey: 'key-1', source }]]);
    expect(principals).toEqual(['ada']);
  });

  it('passes the bytes of a file after the first line', async () => {
    let text = '';
    const { send, calls } = await start({
      create: async ({ source }: JobSubmission) => {
        if (source.type === 'file') for await (const bytes of source.bytes) text += Buffer.from(bytes).toString();
        return { isReplay: true };
      },
    });
    const header = { options: {}, source: { type: 'file', format: 'txt' } };
    const response = await send('POST', '', await framed(`${JSON.stringify(header)}\none\ntwo\n`));
    expect([JSON.parse(response.text), text]).toEqual([{ isReplay: true }, 'one\ntwo\n']);
    expect(calls).toMatchObject([['create', { source: { type: 'file', format: 'txt' } }]]);
  });
});

describe('other internal job routes', () => {
  it.each([
    ['GET', '?limit=3&q=name', ['list', { limit: 3, q: 'name' }]],
    ['GET', '/activity', ['activity']],
    ['GET', `/${JOB_ID}`, ['get', JOB_ID]],
    ['GET', `/${JOB_ID}/items?limit=3&after=7`, ['items', JOB_ID, { limit: 3, after: 7 }]],
    ['GET', `/${JOB_ID}/timings`, ['timings', JOB_ID]],
    ['POST', `/${JOB_ID}/cancel`, ['cancel', JOB_ID]],
    ['POST', `/${JOB_ID}/retry`, ['retry', JOB_ID]],
  ] as const)('%s /internal/v1/jobs%s calls the client for the owner', async (method, path, call) => {
    const { send, calls, principals } = await start({ [call[0]]: () => ({ from: call[0] }) });
    const response = await send(method, path);
    expect([response.status, JSON.parse(response.text)]).toEqual([200, { from: call[0] }]);
    expect([calls, principals]).toEqual([[call], ['ada']]);
  });

  it('delete a job with 204', async () => {
    const { send, calls } = await start();
    const response = await send('DELETE', `/${JOB_ID}`);
    expect([response.status, response.text, calls]).toEqual([204, '', [['remove', JOB_ID]]]);
  });

  it.each([
    ['', false],
    ['&measured=false', false],
    ['&measured=true', true],
  ])('return the version of the results, and their length on request: %s', async (query, isMeasured) => {
    const info = { version: 7, bytes: null };
    const { send, calls } = await start({ resultsInfo: () => info });
    const response = await send('GET', `/${JOB_ID}/results/info?outcome=failed${query}`);
    expect([JSON.parse(response.text), calls]).toEqual([info, [['resultsInfo', JOB_ID, { outcome: 'failed', isMeasured }]]]);
  });

  it('stream a part of the results', async () => {
    const { send, calls } = await start({ results: () => chunksOf('{}\n') });
    expect((await send('GET', `/${JOB_ID}/results?version=7&first=12`)).text).toBe('{}\n');
    expect(calls).toEqual([['results', JOB_ID, { outcome: 'all', version: 7, first: 12 }]]);
  });

  it.each(['?unknown=1', '?first=1&first=2', '?first=0x1', '?version=-1'])('reject the query %s', async (query) => {
    expect(await errorOf('GET', `/${JOB_ID}/results${query}`)).toEqual([422, 'VALIDATION_ERROR']);
    expect(await errorOf('GET', `${query}`)).toEqual([422, 'VALIDATION_ERROR']);
    expect(await errorOf('GET', `/activity${query}`)).toEqual([422, 'VALIDATION_ERROR']);
  });

  it('stream the results unchanged', async () => {
    const { send, calls } = await start({ results: () => chunksOf('{}\n', '{"index":1}\n') });
    expect((await send('GET', `/${JOB_ID}/results?outcome=failed`)).text).toBe('{}\n{"index":1}\n');
    expect(calls).toEqual([['results', JOB_ID, { outcome: 'failed' }]]);
  });

  it.each([
    ['HTTP/1.1', createHttp1Transport],
    ['HTTP/2', createHttp2Transport],
  ])('stream results and events to the remote client over %s, which needs their end mark', async (_protocol, createTransport) => {
    const { url } = await start({
      results: () => chunksOf('{}\n', '{"index":1}\n'),
      events: () => chunksOf(),
      listEvents: () => chunksOf('event: jobs\n\n'),
    });
    const transport = createTransport({ baseUrl: url, connectTimeoutMs: 5_000 });
    onTestFinished(() => transport.close());
    const jobs = createRemoteJobsClient({ transport, internalToken });
    const context = { principal: { id: 'ada' }, signal: new AbortController().signal, deadline: Infinity } as CallContext;
    const readAll = (bytes: AsyncIterable<Uint8Array>) => text(Readable.from(bytes));
    expect(await readAll(await jobs.results(JOB_ID, { outcome: 'all' }, context))).toBe('{}\n{"index":1}\n');
    expect(await readAll(await jobs.events(JOB_ID, undefined, context))).toBe('');
    expect(await readAll(await jobs.listEvents(context))).toBe('event: jobs\n\n');
  });

  it('reject a request before processing it while the worker has no database', async () => {
    let isAvailable = false;
    const { send, calls } = await start({}, async () => isAvailable);
    const response = await send('GET', `/${JOB_ID}`);
    expect([response.status, JSON.parse(response.text).error.code, calls]).toEqual([503, 'SERVICE_UNAVAILABLE', []]);
    expect(response.headers.get(INTERNAL_HEADERS.rejected)).toBe('database');
    isAvailable = true;
    expect((await send('GET', `/${JOB_ID}`)).status).toBe(200);
  });

  it('reject an id that is not a UUID', async () => {
    expect(await errorOf('GET', '/x')).toEqual([422, 'VALIDATION_ERROR']);
  });
});

describe('GET /internal/v1/jobs/{id}/events', () => {
  it.each([
    ['', undefined],
    ['?sequence=0', { sequence: 0, index: 0 }],
    ['?sequence=7&index=3', { sequence: 7, index: 3 }],
    ['?index=3', undefined],
  ])('resumes after the position of the query "%s"', async (query, after) => {
    const { send, calls } = await start({ events: () => chunksOf('event: end\n\n') });
    expect((await send('GET', `/${JOB_ID}/events${query}`)).text).toBe('event: end\n\n');
    expect(calls).toEqual([['events', JOB_ID, after]]);
  });

  it.each(['sequence=1.5', 'sequence=-1', 'sequence=1e300', 'sequence=1&index=0.5', 'sequence=1&index=-1', 'sequence=x'])(
    'rejects the position %s before it queries the database',
    async (query) => {
      expect(await errorOf('GET', `/${JOB_ID}/events?${query}`)).toEqual([422, 'VALIDATION_ERROR']);
    },
  );
});
