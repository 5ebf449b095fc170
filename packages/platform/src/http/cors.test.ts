import { describe, expect, it } from 'vitest';
import { errorOf, INTERNAL, setUp } from './create-http-server.test-support.ts';

describe('a foreign web page', () => {
  it.each([
    ['rebinds a host name to this machine', { host: 'evil.example.com' }],
    ['has another origin', { origin: 'https://evil.example.com' }],
    ['hides its origin', { origin: 'null' }],
    ['pretends to be local', { origin: 'http://localhost.evil.com' }],
  ])('is rejected when it %s', async (_case, headers) => {
    const { post } = await setUp();
    expect(errorOf(await post('{"name":"a"}', headers as Record<string, string>))).toEqual([403, 'FORBIDDEN']);
  });

  it('is rejected on localhost when local origins are not allowed, unless the server serves it itself', async () => {
    const cors = { host: '127.0.0.1', allowedOrigins: [], allowsLocalOrigins: false, checksHost: true };
    const { post } = await setUp({ cors });
    expect((await post('{"name":"a"}', { host: 'localhost:8000', origin: 'http://localhost:5173' })).statusCode).toBe(403);
    expect((await post('{"name":"a"}', { host: 'localhost:8000', origin: 'http://localhost:8000' })).statusCode).toBe(200);
  });

  it.each(['http://localhost:5173', 'http://127.0.0.1:3000', 'https://chat.example.com'])(
    'is admitted from %s, and may read the exposed headers',
    async (origin) => {
      const { post, app } = await setUp();
      const response = await post('{"name":"a"}', { origin });
      expect(response.statusCode).toBe(200);
      expect(response.headers['access-control-allow-origin']).toBe(origin);
      expect(response.headers['access-control-expose-headers']).toContain('X-Request-ID');
      const preflight = await app.inject({
        method: 'OPTIONS',
        url: '/things',
        headers: {
          host: '127.0.0.1',
          origin,
          'access-control-request-method': 'POST',
          'access-control-request-headers': 'authorization,x-stainless-lang',
        },
      });
      expect([preflight.statusCode, preflight.headers['access-control-allow-origin']]).toEqual([204, origin]);
      expect(preflight.headers['access-control-allow-headers']).toBe('authorization,x-stainless-lang');
    },
  );

  it('receives the allowed methods in a preflight response that it may cache for ten minutes', async () => {
    const { app } = await setUp();
    const headers = { host: '127.0.0.1', origin: 'http://localhost:5173', 'access-control-request-method': 'DELETE' };
    const preflight = await app.inject({ method: 'OPTIONS', url: '/things/1', headers });
    expect(preflight.headers['access-control-max-age']).toBe('600');
    expect(preflight.headers['access-control-allow-methods']).toBe('GET, POST, PUT, PATCH, DELETE');
  });

  it('receives 403 for a preflight request from a foreign origin', async () => {
    const { app } = await setUp();
    const headers = { host: '127.0.0.1', origin: 'https://evil.example.com', 'access-control-request-method': 'POST' };
    const preflight = await app.inject({ method: 'OPTIONS', url: '/things', headers });
    expect(errorOf(preflight)).toEqual([403, 'FORBIDDEN']);
    expect(preflight.headers['access-control-allow-origin']).toBeUndefined();
  });
});

it('returns no CORS headers, only Vary, to clients that send no Origin', async () => {
  const { get, app } = await setUp();
  const { headers } = await get('/things/1');
  expect(headers['access-control-allow-origin'] ?? headers['access-control-expose-headers']).toBeUndefined();
  expect(headers.vary).toBe('Origin');
  const options = await app.inject({ method: 'OPTIONS', url: '/things/1', headers: { host: '127.0.0.1' } });
  expect([options.statusCode, options.headers.allow]).toEqual([405, 'GET, HEAD']);
});

describe('a probe or metrics scraper', () => {
  const scrape = (app: Awaited<ReturnType<typeof setUp>>['app'], url: string) =>
    app.inject({ url, headers: { host: '10.0.0.5:8000', authorization: `Bearer ${INTERNAL}` } });

  it('may address a replica by any name if other machines can reach the server', async () => {
    const { app } = await setUp({ cors: { host: '0.0.0.0', allowedOrigins: [], checksHost: true } });
    expect((await scrape(app, '/metrics')).statusCode).toBe(200);
    expect(errorOf(await scrape(app, '/things/1'))).toEqual([403, 'FORBIDDEN']);
  });

  it('is rejected with a foreign name on a loopback address, which needs no token', async () => {
    const { app } = await setUp();
    expect(errorOf(await scrape(app, '/metrics'))).toEqual([403, 'FORBIDDEN']);
  });
});
