import { METHODS } from 'node:http';
import { connect } from 'node:net';
import type { AppError } from '@prodigon/contracts';
import type { FastifyPluginAsync } from 'fastify';
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { errorOf, KEY, setUp } from './create-http-server.test-support.ts';

describe('a bad request', () => {
  it.each([
    ['that is not JSON', '{', {}, 400, 'INVALID_JSON'],
    ['that is empty', '', {}, 422, 'VALIDATION_ERROR'],
    ['that is not UTF-8', Buffer.from([0x22, 0xff, 0xfe, 0x22]), {}, 400, 'INVALID_JSON'],
    ['that would change prototypes', '{"name":"a","__proto__":{"admin":true}}', {}, 422, 'VALIDATION_ERROR'],
    ['of another type', 'name=a', { 'content-type': 'application/x-www-form-urlencoded' }, 415, 'UNSUPPORTED_MEDIA_TYPE'],
    [
      'of plain text, which a foreign page can send',
      '{"name":"a"}',
      { 'content-type': 'text/plain' },
      415,
      'UNSUPPORTED_MEDIA_TYPE',
    ],
    ['that is too large', `{"name":"${'a'.repeat(5 << 20)}"}`, {}, 413, 'PAYLOAD_TOO_LARGE'],
    ['that is nested very deep', '['.repeat(100_000) + ']'.repeat(100_000), {}, 422, 'VALIDATION_ERROR'],
    ['with an unknown field', '{"name":"a","nmae":"b"}', {}, 422, 'VALIDATION_ERROR'],
  ])('is rejected with a body %s', async (_case, payload, headers, status, code) => {
    const { post } = await setUp();
    expect(errorOf(await post(payload, headers as Record<string, string>))).toEqual([status, code]);
  });

  it.each([
    ['that is too large', { 'content-type': 'application/json' }, 413, 'PAYLOAD_TOO_LARGE'],
    ['of another type', { 'content-type': 'text/plain' }, 415, 'UNSUPPORTED_MEDIA_TYPE'],
  ])('is rejected with a body %s while the client is still sending it', async (_case, headers, status, code) => {
    const { app } = await setUp();
    const { port } = new URL(await app.listen({ port: 0, host: '127.0.0.1' }));
    const bytes = 32 << 20;
    const request = connect(Number(port), '127.0.0.1').setEncoding('latin1');
    const head = { host: '127.0.0.1', 'content-length': bytes, ...headers };
    request.write(
      `POST /things HTTP/1.1\r\n${Object.entries(head)
        .map((pair) => `${pair.join(': ')}\r\n`)
        .join('')}\r\n`,
    );
    request.write(Buffer.alloc(bytes, 'x'), () => request.end());
    let response = '';
    for await (const text of request) response += text;
    expect(response).toMatch(new RegExp(`^HTTP/1.1 ${status} [\\s\\S]*"code":"${code}"`));
  });

  it.each(['/things//1', '//things/1', '/things/1/'])('names the path that %s may mean', async (path) => {
    const { get } = await setUp();
    expect((await get(path)).json().error).toMatchObject({
      code: 'NOT_FOUND',
      message: 'This path does not exist. Did you mean /things/1?',
    });
  });

  it('is rejected when a field that the schema ignores is nested too deep', async () => {
    const deep = `${'{"a":'.repeat(100_000)}0${'}'.repeat(100_000)}`;
    const loose = z.looseObject({ name: z.string() });
    const routes: FastifyPluginAsyncZod = async (app) => {
      app.post('/things', { config: { access: 'public' }, schema: { body: loose } }, async ({ body }) => JSON.stringify(body));
    };
    const { post } = await setUp({ plugins: [routes as FastifyPluginAsync] });
    const response = await post(`{"name":"a","rest":${deep}}`);
    expect(errorOf(response)).toEqual([422, 'VALIDATION_ERROR']);
    expect(response.json().error.message).toContain('nested deeper');
  });

  it('receives an error that names each invalid field', async () => {
    const { post } = await setUp();
    const { error } = (await post('{"name":"too long","tags":[1]}')).json();
    expect(error.details).toEqual([
      { path: 'name', message: 'Must have at most 5 characters' },
      { path: 'tags[0]', message: 'Must be a string' },
    ]);
    expect(error.message).toContain('name: ');
  });

  it('receives 404 for an unknown path and 405 for an unknown method', async () => {
    const { get, app } = await setUp();
    expect(errorOf(await get('/nothing'))).toEqual([404, 'NOT_FOUND']);
    const wrong = await app.inject({ method: 'DELETE', url: '/things/1', headers: { host: '127.0.0.1' } });
    expect(errorOf(wrong)).toEqual([405, 'METHOD_NOT_ALLOWED']);
    expect(wrong.headers.allow).toBe('GET, HEAD');
  });

  it('of any method receives 405 with the methods of the path, or 404, whatever its body is', async () => {
    const { app } = await setUp();
    // CONNECT asks for a tunnel, and OPTIONS has its own route.
    const methods = METHODS.filter((method) => !['GET', 'HEAD', 'CONNECT', 'OPTIONS'].includes(method));
    const body = ['Content-Type: application/xml', 'Content-Length: 1', '', 'x'].join('\r\n');
    const { port } = new URL(await app.listen({ port: 0, host: '127.0.0.1' }));
    const socket = connect(Number(port), '127.0.0.1').setEncoding('latin1');
    for (const method of methods)
      for (const path of ['/things/1', '/nothing']) socket.write(`${method} ${path} HTTP/1.1\r\nHost: 127.0.0.1\r\n${body}`);
    socket.end('GET /things/1 HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n');
    let responses = '';
    for await (const text of socket) responses += text;
    const found = [...responses.matchAll(/HTTP\/1.1 (\d+)|allow: (.*)\r|"code":"(.*?)"/g)].map(
      (match) => match[1] ?? match[2] ?? match[3],
    );
    const expected = methods.flatMap(() => ['405', 'GET, HEAD', 'METHOD_NOT_ALLOWED', '404', 'NOT_FOUND']);
    expect(found).toEqual([...expected, '200']);
  });

  it('receives its request id when its path cannot be decoded', async () => {
    const { get } = await setUp();
    const response = await get('/things/%E0%A4%A', { 'x-request-id': 'mine' });
    expect(errorOf(response)).toEqual([400, 'BAD_REQUEST']);
    expect([response.headers['x-request-id'], response.json().error.request_id]).toEqual(['mine', 'mine']);
  });

  it('receives the error format of its path when the path cannot be decoded', async () => {
    const toErrorResponse = ({ status }: AppError) => ({ status, body: { format: 'custom' }, shouldRetry: false });
    const { get } = await setUp({ toErrorResponse });
    const response = await get('/things/%E0%A4%A');
    expect([response.statusCode, response.json()]).toEqual([400, { format: 'custom' }]);
  });

  it.each([false, true])(
    'is rejected without a Host header, but not for an unknown Expect header (HTTP/2: %s)',
    async (http2) => {
      const { app } = await setUp({ http2, apiKeys: [KEY] });
      const { port } = new URL(await app.listen({ port: 0, host: '127.0.0.1' }));
      async function send(...headers: string[]) {
        const socket = connect(Number(port), '127.0.0.1');
        socket.write(['GET /things/1 HTTP/1.1', 'Connection: close', ...headers, '', ''].join('\r\n'));
        let response = '';
        for await (const bytes of socket) response += bytes;
        return response;
      }
      const rejected = await send();
      expect(rejected).toMatch(/^HTTP\/1.1 400 [\s\S]*\r\nx-request-id: /);
      expect(rejected).toContain('{"error":{"code":"BAD_REQUEST","message":"A request needs a Host header."');
      expect(await send('Host: 127.0.0.1', 'Expect: miracles')).toMatch(/^HTTP\/1.1 200 [\s\S]*\{"ip":"127.0.0.1"\}$/);
    },
  );

  it.each([
    ['has an unknown method', 'NONSENSE / HTTP/1.1\r\n\r\n', 'The request has an unknown method.'],
    ['has headers that are too large', `GET / HTTP/1.1\r\nA: ${'x'.repeat(70_000)}`, 'The headers are larger than 65,536 bytes.'],
    ['is not HTTP', '\0\r\n\r\n', 'The request has an unknown method.'],
    ['has a malformed version', 'GET / HTTP/x\r\n\r\n', 'The request is malformed.'],
  ])('receives 400 when it %s', async (_case, bytes, message) => {
    const { app } = await setUp();
    const { port } = new URL(await app.listen({ port: 0, host: '127.0.0.1' }));
    const socket = connect(Number(port), '127.0.0.1').end(bytes);
    let response = '';
    for await (const bytes of socket) response += bytes;
    expect(response).toMatch(/^HTTP\/1.1 400 [\s\S]*\r\n\r\n\{"error":\{"code":"BAD_REQUEST"/);
    const { request_id, message: actual } = JSON.parse(response.split('\r\n\r\n')[1] ?? '').error;
    expect(actual).toBe(message);
    expect(response).toContain(`\r\nX-Request-ID: ${request_id}\r\n`);
  });

  it('closes the connection without a second response when it is not HTTP and follows a request', async () => {
    const { app } = await setUp();
    const { port } = new URL(await app.listen({ port: 0, host: '127.0.0.1' }));
    const socket = connect(Number(port), '127.0.0.1').setEncoding('latin1');
    socket.write('GET /stream HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n');
    let response = '';
    for await (const text of socket) {
      if (response === '') socket.write('NONSENSE\r\n\r\n');
      response += text;
    }
    expect(response).toContain('data: started');
    expect(response).not.toContain('400 Bad Request');
  });
});

describe('an internal error', () => {
  it('is not disclosed to the client', async () => {
    const { get } = await setUp();
    const response = await get('/broken');
    expect(errorOf(response)).toEqual([500, 'INTERNAL_ERROR']);
    expect(response.body).not.toMatch(/hunter2|at .*\.ts/);
  });

  it('is logged without credentials, and with its text only at debug', async () => {
    const { get, log } = await setUp({ logLevel: 'debug' });
    await get('/failing');
    expect(log()).toContain('was refused');
    expect(log()).not.toMatch(/abcdefgh12345678|sk-live/);
    const other = await setUp();
    await other.get('/failing');
    expect(other.log()).toContain('/failing');
    expect(other.log()).not.toContain('was refused');
  });
});

describe('the request log', () => {
  it('contains one line per request, without its body or key', async () => {
    const { post, log } = await setUp({ apiKeys: [KEY] });
    await post('{"name":"Bob"}', { authorization: `Bearer ${KEY}`, 'x-request-id': 'mine' });
    const lines = log().trim().split('\n');
    expect(lines).toHaveLength(1);
    expect(JSON.parse(lines[0] ?? '')).toMatchObject({
      request_id: 'mine',
      method: 'POST',
      route: '/things',
      status: 200,
      duration_ms: expect.any(Number),
    });
    expect(log()).not.toMatch(/Bob|key-of-the-caller/);
  });
});

describe('a request id', () => {
  it('is echoed when it is well-formed, and generated otherwise', async () => {
    const { get } = await setUp();
    expect((await get('/things/1', { 'x-request-id': 'a.b_c-1' })).headers['x-request-id']).toBe('a.b_c-1');
    for (const bad of ['has space', 'x'.repeat(129), 'semi;colon', '']) {
      expect((await get('/things/1', { 'x-request-id': bad })).headers['x-request-id']).toMatch(/^[0-9a-f-]{36}$/);
    }
  });
});
