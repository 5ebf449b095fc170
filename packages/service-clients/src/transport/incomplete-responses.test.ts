import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Http2ServerResponse } from 'node:http2';
import { encodeResponseSummary, INTERNAL_HEADERS } from '@prodigon/platform';
import type { JobsClient, ModelClient } from '@prodigon/ports';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createContext } from './fake-transport.test-support.ts';
import { createHttp1Transport } from './http1-transport.ts';
import { createHttp2Transport } from './http2-transport.ts';
import { createRemoteJobsClient } from './remote-jobs-client.ts';
import { createRemoteModelClient } from './remote-model-client.ts';
import { startReplica } from './replica.test-support.ts';

const TRANSPORTS = { 'HTTP/1.1': createHttp1Transport, 'HTTP/2': createHttp2Transport };

const streamOf = (response: ServerResponse) => (response as unknown as Http2ServerResponse).stream;
const isHttp2 = ({ httpVersionMajor }: IncomingMessage) => httpVersionMajor === 2;

/** The ways in which a response breaks off. Node reports most of them over HTTP/2 as an ordinary end. */
const ENDS: Record<string, (response: ServerResponse, request: IncomingMessage) => void> = {
  'the service destroys the response': (response) => void response.destroy(),
  'the service resets the stream without an error': (response, request) =>
    void (isHttp2(request) ? streamOf(response).close(0) : request.socket.destroySoon()),
  'the service cancels the stream': (response, request) =>
    void (isHttp2(request) ? streamOf(response).close(8) : request.socket.resetAndDestroy()),
  'the connection closes': (response, request) =>
    void (isHttp2(request) ? streamOf(response).session?.destroy() : request.socket.destroy()),
};

const summary = { model: 'm', provider: 'p', attempts: [], warning: null, rateLimits: null, estimated: false, costUsd: null };
const usage = { prompt_tokens: 1, completion_tokens: 1, total_tokens: 2 };
const metadata = encodeResponseSummary({ ...summary, usage, finish: 'stop', body: '' });
const chat = { messages: [{ role: 'user', content: 'Hi' }] } as never;

async function readAll(bytes: AsyncIterable<Uint8Array>): Promise<void> {
  for await (const _ of bytes);
}

/** The calls whose responses have a length. */
const UNARY: Record<string, (clients: { jobs: JobsClient; model: ModelClient }) => Promise<unknown>> = {
  'a completion': ({ model }) => model.complete(chat, createContext()),
  'an embedding': ({ model }) => model.embed({ input: 'Hi' } as never, createContext()),
  'the model list': ({ model }) => model.models(createContext()),
  'the usage report': ({ model }) =>
    model.usage({ from: '2026-01-01', to: '2026-01-02', unit: 'day', time_zone: 'UTC' }, createContext()),
  'a job': ({ jobs }) => jobs.get('job', createContext()),
};
/** The calls whose responses end with a trailer. */
const STREAMED: typeof UNARY = {
  'the results of a job': async ({ jobs }) => readAll(await jobs.results('job', { outcome: 'all' }, createContext())),
  'the events of a job': async ({ jobs }) => readAll(await jobs.events('job', undefined, createContext())),
};

async function start(name: keyof typeof TRANSPORTS) {
  const service = await startReplica('service');
  const transport = TRANSPORTS[name]({ baseUrl: service.url, connectTimeoutMs: 5_000 });
  onTestFinished(() => transport.close());
  const options = { transport, internalToken: 'token' };
  return { service, clients: { jobs: createRemoteJobsClient(options), model: createRemoteModelClient(options) } };
}

describe.each(Object.keys(TRANSPORTS) as (keyof typeof TRANSPORTS)[])('a response over %s', (name) => {
  it.each(Object.keys(ENDS))('is an error when %s', async (end) => {
    const { service, clients } = await start(name);
    const breakOff = (length: object, status: number) =>
      service.respondWith((response, request) => {
        response.on('error', () => {});
        // The part is valid JSON and a whole event, so that only the length or the trailer can reveal that it is a part.
        response.writeHead(status, { ...length, [INTERNAL_HEADERS.metadata]: metadata });
        response.write('{}\n\n', () => setImmediate(() => ENDS[end]?.(response, request)));
      });
    for (const [call, send] of Object.entries({ ...UNARY, ...STREAMED })) {
      breakOff(call in UNARY ? { 'content-length': '100' } : {}, 200);
      await expect(send(clients), call).rejects.toMatchObject({ code: 'SERVICE_UNAVAILABLE' });
    }
    breakOff({ 'content-length': '100' }, 422);
    await expect(clients.jobs.get('job', createContext())).rejects.toMatchObject({ code: 'SERVICE_UNAVAILABLE' });
  });

  it('is an error when a stream ends without its outcome', async () => {
    const { service, clients } = await start(name);
    service.respondWith((response) => response.writeHead(200).end('data: 1\n\n'));
    for (const [call, send] of Object.entries(STREAMED)) {
      await expect(send(clients), call).rejects.toMatchObject({ code: 'SERVICE_UNAVAILABLE' });
    }
  });
});

it('sends the length of a JSON body over HTTP/2, so that the service notices a part of it', async () => {
  const { service, clients } = await start('HTTP/2');
  let length: string | undefined;
  service.respondWith((response, request) => {
    length = request.headers['content-length'];
    response.writeHead(422, { 'content-length': '2' }).end('{}');
  });
  await expect(clients.model.complete({ messages: 'é' } as never, createContext())).rejects.toThrow();
  expect(length).toBe(String(Buffer.byteLength('{"messages":"é"}')));
});
