import { connect } from 'node:net';
import type { FastifyPluginAsync } from 'fastify';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createLogger } from '../telemetry/logger.ts';
import { createMetrics } from '../telemetry/metrics.ts';
import { keyOf } from './create-http-server.test-support.ts';
import { createHttpServer } from './create-http-server.ts';
import { pipeToSse } from './sse-writer.ts';

const KEY = 'a-key-of-sixteen-or-more';

const routes: FastifyPluginAsync = async (app) => {
  app.get('/open', { config: { access: 'public' } }, async () => ({ ok: true }));
  app.post('/open', { config: { access: 'public' } }, async () => ({ ok: true }));
  app.get('/closed', { config: { access: 'caller' } }, async () => ({ ok: true }));
  app.get('/stream', { config: { access: 'public' } }, (_request, reply) =>
    pipeToSse(reply, (async function* () {})(), { heartbeatMs: 0 }),
  );
  app.get('/asset', { config: { access: 'public' } }, (_request, reply) =>
    reply.header('cache-control', 'public, max-age=60').send('text'),
  );
};

async function setUp({ http2 = false, allowedOrigins = ['https://chat.example.com', 'app://obsidian.md'] } = {}) {
  const app = await createHttpServer({
    service: 'test',
    logger: createLogger({ service: 'test', level: 'silent', secrets: [] }),
    metrics: createMetrics(),
    authentication: {
      clients: { keys: { authenticate: (value) => (value === KEY ? keyOf() : null) }, isKeyRequired: true },
      internalToken: 'internal-token',
      openMetrics: true,
    },
    cors: { host: '127.0.0.1', allowedOrigins, checksHost: true },
    http2,
    plugins: [routes],
  });
  onTestFinished(() => app.close());
  const send = (method: 'GET' | 'POST', url: string, headers: Record<string, string> = {}) =>
    app.inject({ method, url, headers: { host: '127.0.0.1', ...headers } });
  /** Sends bytes over a socket and returns the response. */
  async function sendRaw(...lines: string[]): Promise<string> {
    const { port } = new URL(await app.listen({ port: 0, host: '127.0.0.1' }));
    const socket = connect(Number(port), '127.0.0.1');
    socket.write([...lines, '', ''].join('\r\n'));
    let response = '';
    for await (const bytes of socket) response += bytes;
    return response;
  }
  return { send, sendRaw };
}

describe('security headers', () => {
  it.each([
    ['a response', '/open', 200],
    ['an error', '/missing', 404],
    ['a rejected key', '/closed', 401],
    ['an undecodable path', '/open/%E0%A4%A', 400],
  ])('are sent with %s', async (_case, url, status) => {
    const { send } = await setUp();
    const { statusCode, headers } = await send('GET', url);
    expect(statusCode).toBe(status);
    expect(headers).toMatchObject({
      'x-content-type-options': 'nosniff',
      'cache-control': 'no-store',
      'cross-origin-resource-policy': 'same-origin',
    });
  });

  it('are sent with a stream, which no proxy may transform', async () => {
    const { send } = await setUp();
    expect((await send('GET', '/stream')).headers).toMatchObject({
      'x-content-type-options': 'nosniff',
      'cache-control': 'no-cache, no-transform, no-store',
      'cross-origin-resource-policy': 'same-origin',
    });
  });

  it('are sent to a client that does not speak HTTP', async () => {
    const { sendRaw } = await setUp();
    const response = await sendRaw('NONSENSE');
    expect(response).toMatch(/^HTTP\/1.1 400 [\s\S]*\r\nx-content-type-options: nosniff\r\ncache-control: no-store\r\n/);
  });

  it('keep the caching of a static file', async () => {
    const { send } = await setUp();
    expect((await send('GET', '/asset')).headers['cache-control']).toBe('public, max-age=60');
  });
});

it('names the authentication scheme with status 401 only', async () => {
  const { send } = await setUp();
  expect((await send('GET', '/closed')).headers['www-authenticate']).toBe('Bearer realm="Prodigon"');
  const accepted = await send('GET', '/closed', { authorization: `Bearer ${KEY}` });
  expect([accepted.statusCode, accepted.headers['www-authenticate']]).toEqual([200, undefined]);
});

describe.each([false, true])('a request over HTTP/1.1 (server with HTTP/2: %s)', (http2) => {
  it.each([
    ['different', 'HOST: 127.0.0.1', 'Host: evil.example.com'],
    ['equal', 'Host: 127.0.0.1', 'host: 127.0.0.1'],
  ])('receives 400 for two %s Host headers', async (_case, ...hosts) => {
    const { sendRaw } = await setUp({ http2 });
    const response = await sendRaw('GET /open HTTP/1.1', ...hosts, 'Connection: close');
    expect(response).toMatch(/^HTTP\/1.1 400 /);
    expect(response).toContain('{"error":{"code":"BAD_REQUEST","message":"A request must have only one Host header."');
  });
});

const CROSS_SITE = { 'sec-fetch-site': 'cross-site' };
const LINK = { ...CROSS_SITE, 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document' };

describe('a cross-site request', () => {
  it.each([
    ['an image without a referrer', 'GET', { ...CROSS_SITE, 'sec-fetch-mode': 'no-cors', 'sec-fetch-dest': 'image' }],
    ['a script', 'GET', { ...CROSS_SITE, 'sec-fetch-mode': 'no-cors', referer: 'https://evil.example.com/' }],
    ['a frame', 'GET', { ...LINK, 'sec-fetch-dest': 'iframe' }],
    ['a form', 'POST', LINK],
    ['a look-alike of a listed origin', 'GET', { ...CROSS_SITE, referer: 'https://chat.example.com.evil.com/' }],
    ['an unreadable referrer', 'GET', { ...CROSS_SITE, referer: 'chat.example.com' }],
    ['a listed page in the query', 'GET', { ...CROSS_SITE, referer: 'https://evil.com/?https://chat.example.com' }],
  ] as const)('receives 403 for %s', async (_case, method, headers) => {
    const { send } = await setUp();
    const response = await send(method, '/open', { ...headers });
    expect([response.statusCode, response.json().error.code]).toEqual([403, 'FORBIDDEN']);
  });

  it.each([
    ['a link', LINK],
    ['a listed origin', { ...CROSS_SITE, origin: 'https://chat.example.com' }],
    ['an image of a listed origin', { ...CROSS_SITE, referer: 'https://chat.example.com/page' }],
    ['a local page', { ...CROSS_SITE, referer: 'http://localhost:5173/' }],
    ['the same site', { 'sec-fetch-site': 'same-site' }],
    ['the same origin', { 'sec-fetch-site': 'same-origin' }],
    ['the address bar', { 'sec-fetch-site': 'none' }],
    ['a client that is no browser', {}],
  ])('is admitted for %s', async (_case, headers: Record<string, string>) => {
    const { send } = await setUp();
    expect((await send('GET', '/open', headers)).statusCode).toBe(200);
  });
});

describe('an app or a browser extension', () => {
  const ORIGINS = ['app://obsidian.md', 'chrome-extension://aaaabbbbccccdddd', 'moz-extension://6b9e', 'vscode-webview://1a2b'];

  it.each(ORIGINS)('is admitted from %s only when its origin is listed', async (origin) => {
    const { send } = await setUp({ allowedOrigins: [origin] });
    const admitted = await send('POST', '/open', { origin, ...CROSS_SITE });
    expect([admitted.statusCode, admitted.headers['access-control-allow-origin']]).toEqual([200, origin]);
    const { send: sendUnlisted } = await setUp({ allowedOrigins: [] });
    expect((await sendUnlisted('POST', '/open', { origin })).statusCode).toBe(403);
    expect((await send('POST', '/open', { origin: `${origin}.evil` })).statusCode).toBe(403);
  });

  it('does not make the name in its origin a host of this server', async () => {
    const { send } = await setUp();
    expect((await send('GET', '/open', { host: 'obsidian.md' })).statusCode).toBe(403);
    expect((await send('GET', '/open', { host: 'chat.example.com' })).statusCode).toBe(200);
  });
});
