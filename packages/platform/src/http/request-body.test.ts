import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import type { FastifyPluginAsync } from 'fastify';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createLogger } from '../telemetry/logger.ts';
import { createMetrics } from '../telemetry/metrics.ts';
import { createHttpServer } from './create-http-server.ts';
import { JSON_LIMITS } from './json-limits.ts';

const INTERNAL_TOKEN = 'token-of-the-services-0123';
const MEGABYTE = 1 << 20;

interface Options {
  bodyBytesInFlightMax?: number;
  /** Called by the routes before they respond. */
  before?: () => Promise<void>;
}

async function createServer({ before = async () => {}, ...options }: Options = {}) {
  const routes: FastifyPluginAsync = async (app) => {
    for (const access of ['public', 'internal'] as const) {
      app.post(`/${access}`, { config: { access }, bodyLimit: 3 * MEGABYTE }, async ({ body }) => {
        await before();
        return { keys: Object.keys(body as object).length };
      });
    }
  };
  const app = await createHttpServer({
    service: 'test',
    logger: createLogger({ service: 'test', level: 'silent', secrets: [] }),
    metrics: createMetrics(),
    authentication: { apiKeys: [], internalToken: INTERNAL_TOKEN, openMetrics: true },
    plugins: [routes],
    ...options,
  });
  onTestFinished(() => app.close());
  const post = (path: string, payload: string | Buffer) =>
    app.inject({
      method: 'POST',
      url: path,
      payload,
      headers: { 'content-type': 'application/json', authorization: `Bearer ${INTERNAL_TOKEN}` },
    });
  return { app, post };
}

const withKeys = (count: number) => `{${Array.from({ length: count }, (_, index) => `"k${index}":1`).join(',')}}`;
const ofSize = (bytes: number) => JSON.stringify({ text: 'x'.repeat(bytes) });

describe('limits of JSON bodies', () => {
  it('rejects a body with too many keys before it is parsed', async () => {
    const { post } = await createServer();
    expect((await post('/public', withKeys(JSON_LIMITS.keysMax))).json()).toEqual({ keys: JSON_LIMITS.keysMax });
    // The end is not JSON, which only a parser would notice.
    const response = await post('/public', `${withKeys(JSON_LIMITS.keysMax + 1)}]`);
    expect([response.statusCode, response.json().error.code]).toEqual([413, 'PAYLOAD_TOO_LARGE']);
  });

  it('accepts twice as many keys from another service, because conversions add some', async () => {
    const { post } = await createServer();
    expect((await post('/internal', withKeys(2 * JSON_LIMITS.keysMax))).statusCode).toBe(200);
    expect((await post('/internal', withKeys(2 * JSON_LIMITS.keysMax + 1))).statusCode).toBe(413);
  });

  it.each([
    ['too long', ofSize(3 * MEGABYTE), 413],
    ['not UTF-8', Buffer.concat([Buffer.from('{"a":"'), Buffer.from([0xff]), Buffer.from('"}')]), 400],
    ['long and not UTF-8', Buffer.concat([Buffer.from(ofSize(MEGABYTE)), Buffer.from([0xff])]), 400],
    ['long and not JSON', `${ofSize(MEGABYTE)}}`, 400],
    ['long with a __proto__ key', `{"__proto__":{},"text":"${'x'.repeat(MEGABYTE)}"}`, 400],
    ['empty', '', 400],
  ])('rejects a body that is %s', async (_case, body, status) => {
    const { post } = await createServer();
    expect((await post('/public', body)).statusCode).toBe(status);
  });

  it('rejects a body that is shorter than announced, as a cancelled HTTP/2 request is', async () => {
    const { app } = await createServer();
    const headers = { 'content-type': 'application/json', 'content-length': '100' };
    const response = await app.inject({ method: 'POST', url: '/public', payload: '{"text":"whole JSON"}', headers });
    expect(response.statusCode).toBe(400);
  });

  it('parses a large body in turns, between which other work runs', async () => {
    const { post } = await createServer();
    let turns = 0;
    let isDone = false;
    const tick = () => {
      turns += 1;
      if (!isDone) setImmediate(tick);
    };
    const response = post('/public', ofSize(2 * MEGABYTE));
    setImmediate(tick);
    expect((await response).statusCode).toBe(200);
    isDone = true;
    expect(turns).toBeGreaterThanOrEqual(3);
  });
});

describe('bodies in flight', () => {
  it('rejects large bodies over the ceiling with 503, accepts small ones, and frees the bytes with the response', async () => {
    let respond = () => {};
    const responding = new Promise<void>((resolve) => {
      respond = resolve;
    });
    let arrived = () => {};
    const hasArrived = new Promise<void>((resolve) => {
      arrived = resolve;
    });
    const before = () => {
      arrived();
      return responding;
    };
    const { post } = await createServer({ bodyBytesInFlightMax: 2 * MEGABYTE, before });
    const first = post('/public', ofSize(1.5 * MEGABYTE));
    await hasArrived;
    const second = await post('/public', ofSize(MEGABYTE));
    expect([second.statusCode, second.headers['retry-after']]).toEqual([503, '1']);
    const small = post('/public', ofSize(1_000));
    respond();
    expect((await first).statusCode).toBe(200);
    expect((await small).statusCode).toBe(200);
    expect((await post('/public', ofSize(MEGABYTE))).statusCode).toBe(200);
  });

  it('frees the bytes of a client that disconnects in the middle of its body', async () => {
    const { app, post } = await createServer({ bodyBytesInFlightMax: 2 * MEGABYTE });
    const url = new URL(await app.listen({ host: '127.0.0.1', port: 0 }));
    const accepted = once(app.server, 'connection') as Promise<[Socket]>;
    const socket = connect(Number(url.port), '127.0.0.1');
    const head = [
      'POST /public HTTP/1.1',
      'Host: 127.0.0.1',
      'Content-Type: application/json',
      `Content-Length: ${2 * MEGABYTE}`,
    ];
    const part = `${head.join('\r\n')}\r\n\r\n${ofSize(1.5 * MEGABYTE)}`;
    socket.write(part);
    const [server] = await accepted;
    const closed = once(server, 'close');
    while (server.bytesRead < part.length) await new Promise(setImmediate);
    expect((await post('/public', ofSize(MEGABYTE))).statusCode).toBe(503);
    socket.destroy();
    await closed;
    expect((await post('/public', ofSize(MEGABYTE))).statusCode).toBe(200);
  });
});
