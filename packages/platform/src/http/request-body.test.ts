import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { brotliCompressSync, constants, deflateSync, gzipSync, zstdCompressSync } from 'node:zlib';
import type { FastifyPluginAsync } from 'fastify';
import { describe, expect, it, onTestFinished } from 'vitest';
import { z } from 'zod';
import { createLogger } from '../telemetry/logger.ts';
import { createMetrics } from '../telemetry/metrics.ts';
import { type ByteBudget, createBodyBudget } from './byte-budget.ts';
import { createHttpServer } from './create-http-server.ts';
import { JSON_LIMITS } from './json-limits.ts';

const INTERNAL_TOKEN = 'token-of-the-services-0123';
const MEGABYTE = 1 << 20;

interface Options {
  bodyBudget?: ByteBudget;
  plugins?: FastifyPluginAsync[];
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
    authentication: { internalToken: INTERNAL_TOKEN, openMetrics: true },
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
    expect((await post('/public', withKeys(JSON_LIMITS.distinctKeysMax))).json()).toEqual({ keys: JSON_LIMITS.distinctKeysMax });
    // The end is not JSON, which only a parser would notice.
    const response = await post('/public', `${withKeys(JSON_LIMITS.distinctKeysMax + 10)}]`);
    expect([response.statusCode, response.json().error.code]).toEqual([413, 'PAYLOAD_TOO_LARGE']);
  });

  it('accepts twice as many keys from another service, because conversions add some', async () => {
    const { post } = await createServer();
    expect((await post('/internal', withKeys(2 * JSON_LIMITS.distinctKeysMax))).statusCode).toBe(200);
    expect((await post('/internal', withKeys(2 * JSON_LIMITS.distinctKeysMax + 10))).statusCode).toBe(413);
  });

  it.each([
    ['too long', ofSize(3 * MEGABYTE), 413],
    ['not UTF-8', Buffer.concat([Buffer.from('{"a":"'), Buffer.from([0xff]), Buffer.from('"}')]), 400],
    ['long and not UTF-8', Buffer.concat([Buffer.from(ofSize(MEGABYTE)), Buffer.from([0xff])]), 400],
    ['long and not JSON', `${ofSize(MEGABYTE)}}`, 400],
    ['long with a __proto__ key', `{"__proto__":{},"text":"${'x'.repeat(MEGABYTE)}"}`, 422],
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

it('has the documented limits', () => {
  const page = readFileSync(join(import.meta.dirname, '../../../../docs/architecture/api-reference.md'), 'utf8');
  const { keysMax, distinctKeysMax, valuesMax, numbersMax, depthMax } = JSON_LIMITS;
  const rows = [
    `Keys | ${keysMax.toLocaleString('en')} | 413`,
    `Distinct keys | ${distinctKeysMax.toLocaleString('en')} | 413`,
    `Values | ${valuesMax.toLocaleString('en')} | 413`,
    `Numbers in lists | ${numbersMax.toLocaleString('en')} | 413`,
    `Levels of nesting | ${depthMax.toLocaleString('en')} | 422`,
  ];
  for (const row of rows) expect(page).toContain(`| ${row} |`);
});

describe('an empty body', () => {
  /** A server whose route returns the type of its body, and needs one if `schema` is set. */
  async function createEchoServer(schema?: object) {
    const routes: FastifyPluginAsync = async (app) => {
      const config = { access: 'public', fileTypes: ['text/csv'] } as const;
      app.route({
        method: ['POST', 'PUT', 'PATCH', 'DELETE'],
        url: '/echo',
        config,
        ...(schema && { schema }),
        handler: async ({ body }) => ({ type: typeof body }),
      });
    };
    return createServer({ plugins: [routes] });
  }
  const TYPES = [
    'application/json',
    'application/json; charset=utf-8',
    'application/x-www-form-urlencoded',
    'multipart/form-data; boundary=x',
    'text/plain',
    'application/octet-stream',
  ];
  const chunked = () => Readable.from([]);

  it.each(
    TYPES.flatMap((type) => [
      [type, ''],
      [type, 'in chunks'],
    ]),
  )('of the type %s is no body %s', async (type, isChunked) => {
    const { app } = await createEchoServer();
    for (const method of ['POST', 'PUT', 'PATCH', 'DELETE'] as const) {
      const headers = { 'content-type': type, ...(isChunked ? { 'transfer-encoding': 'chunked' } : { 'content-length': '0' }) };
      const response = await app.inject({ method, url: '/echo', headers, ...(isChunked && { payload: chunked() }) });
      expect([response.statusCode, response.json()]).toEqual([200, { type: 'undefined' }]);
    }
  });

  it.each([...TYPES, undefined])('of the type %s is rejected by a route that needs one', async (type) => {
    const { app } = await createEchoServer({ body: z.object({}) });
    const headers = { ...(type && { 'content-type': type }) };
    const response = await app.inject({ method: 'POST', url: '/echo', headers });
    expect([response.statusCode, response.json().error]).toMatchObject([
      422,
      {
        code: 'VALIDATION_ERROR',
        message: 'The request has no body. Send the body as application/json, or a file as one of text/csv.',
        details: [{ path: '', message: 'A body is required' }],
      },
    ]);
  });

  it('is no body with a content encoding either', async () => {
    const { app } = await createEchoServer();
    const headers = { 'content-type': 'application/json', 'content-encoding': 'gzip' };
    expect((await app.inject({ method: 'POST', url: '/echo', headers })).json()).toEqual({ type: 'undefined' });
  });

  it.each(['text/csv', 'multipart/form-data; boundary=x'])(
    'is the only one that a route accepts of the type %s',
    async (type) => {
      const { app } = await createEchoServer();
      for (const payload of ['x', Readable.from(['x'])]) {
        const response = await app.inject({ method: 'POST', url: '/echo', headers: { 'content-type': type }, payload });
        expect([response.statusCode, response.json().error.message]).toEqual([415, expect.stringContaining('text/csv')]);
      }
    },
  );
});

describe('a content encoding', () => {
  const FAST = { params: { [constants.BROTLI_PARAM_QUALITY]: 1 } };
  const ENCODERS = {
    gzip: gzipSync,
    'X-Gzip': gzipSync,
    deflate: deflateSync,
    br: (text: string) => brotliCompressSync(text, FAST),
    zstd: zstdCompressSync,
  };
  const send = async (encoding: string, payload: Buffer | Readable, headers = {}) => {
    const { app } = await createServer();
    const all = { 'content-type': 'application/json', 'content-encoding': encoding, ...headers };
    return app.inject({ method: 'POST', url: '/public', payload, headers: all });
  };

  it.each(Object.entries(ENCODERS))('%s is decoded', async (encoding, encode) => {
    for (const text of ['{"a":1,"b":2}', JSON.stringify({ a: 'x'.repeat(MEGABYTE), b: 2 })]) {
      expect((await send(encoding, encode(text))).json()).toEqual({ keys: 2 });
      expect((await send(encoding, Readable.from([encode(text)]))).json()).toEqual({ keys: 2 });
    }
  });

  it.each(Object.entries(ENCODERS))(
    '%s does not hide a body that is too large, or has too many keys',
    async (encoding, encode) => {
      const large = await send(encoding, encode(ofSize(4 * MEGABYTE)));
      expect([large.statusCode, large.json().error.message]).toEqual([413, 'The body is larger than 3,145,728 bytes.']);
      expect((await send(encoding, encode(withKeys(JSON_LIMITS.distinctKeysMax + 10)))).statusCode).toBe(413);
      expect((await send(encoding, encode('['.repeat(100_000)))).statusCode).toBe(422);
    },
  );

  it.each(Object.entries(ENCODERS))('%s is rejected with bytes after its end', async (encoding, encode) => {
    const body = encode('{"a":1}');
    for (const extra of ['\0', 'xyz']) {
      for (const payload of [Buffer.concat([body, Buffer.from(extra)]), Readable.from([body, Buffer.from(extra)])]) {
        const response = await send(encoding, payload);
        expect([response.statusCode, response.json().error.code]).toEqual([400, 'BAD_REQUEST']);
      }
    }
  });

  it.each(Object.entries(ENCODERS))(
    '%s is rejected when the body is of no or another encoding, or incomplete',
    async (encoding, encode) => {
      for (const body of [Buffer.from('{"a":1}'), encode(ofSize(1_000)).subarray(0, 20)]) {
        const response = await send(encoding, body);
        expect([response.statusCode, response.json().error]).toMatchObject([
          400,
          { code: 'BAD_REQUEST', message: `The body is not valid ${encoding.toLowerCase()}.` },
        ]);
      }
    },
  );

  it('that decodes to nothing counts its own bytes', async () => {
    const many = Readable.from([Buffer.alloc(4 * MEGABYTE, gzipSync(''))]);
    expect((await send('gzip', many, { 'transfer-encoding': 'chunked' })).statusCode).toBe(413);
  });

  it.each(['compress', 'gzip, gzip', 'gzip,br', 'toString'])('%s is rejected with the supported ones', async (encoding) => {
    const response = await send(encoding, Buffer.from('{}'));
    expect([response.statusCode, response.headers['accept-encoding']]).toEqual([415, 'gzip, deflate, br, zstd']);
    expect(response.json().error.message).toContain('gzip, deflate, br, zstd');
  });

  it.each(['identity', ''])('"%s" changes nothing', async (encoding) => {
    expect((await send(encoding, Buffer.from('{"a":1}'))).json()).toEqual({ keys: 1 });
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
    const { post } = await createServer({ bodyBudget: createBodyBudget(2 * MEGABYTE), before });
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
    const { app, post } = await createServer({ bodyBudget: createBodyBudget(2 * MEGABYTE) });
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
