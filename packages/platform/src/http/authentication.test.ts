import type { FastifyPluginAsync } from 'fastify';
import { describe, expect, it } from 'vitest';
import { errorOf, INTERNAL, KEY, setUp } from './create-http-server.test-support.ts';

describe('authentication', () => {
  it('accepts requests with or without a Bearer token when there are no API keys', async () => {
    const { post } = await setUp();
    expect((await post('{"name":"a"}')).statusCode).toBe(200);
    expect((await post('{"name":"a"}', { authorization: 'Bearer unused' })).statusCode).toBe(200);
  });

  it('requires a valid key when there are API keys', async () => {
    const { post } = await setUp({ apiKeys: [KEY] });
    expect(errorOf(await post('{"name":"a"}'))).toEqual([401, 'UNAUTHENTICATED']);
    expect(errorOf(await post('{"name":"a"}', { authorization: 'Bearer wrong-key-0123456789' }))).toEqual([
      401,
      'UNAUTHENTICATED',
    ]);
    expect((await post('{"name":"a"}', { authorization: `Bearer ${KEY}` })).statusCode).toBe(200);
  });

  it('admits only the internal token to internal routes', async () => {
    const { get } = await setUp();
    expect((await get('/inside')).statusCode).toBe(401);
    expect((await get('/inside', { authorization: `Bearer ${INTERNAL}` })).statusCode).toBe(200);
  });

  it('admits local clients, and remote clients with a key, to the metrics', async () => {
    const closed = await setUp({ openMetrics: false });
    expect((await closed.get('/metrics')).statusCode).toBe(401);
    expect((await closed.get('/metrics', { authorization: `Bearer ${INTERNAL}` })).statusCode).toBe(200);
    const keyed = await setUp({ apiKeys: [KEY] });
    expect((await keyed.get('/metrics')).statusCode).toBe(401);
    expect((await keyed.get('/metrics', { authorization: `Bearer ${KEY}` })).statusCode).toBe(200);
    expect((await (await setUp()).get('/metrics')).statusCode).toBe(200);
  });

  it('prevents the start when a route declares no access', async () => {
    const undeclared: FastifyPluginAsync = async (app) => void app.get('/undeclared', async () => 'open');
    await expect(setUp({ plugins: [undeclared] })).rejects.toThrow('GET /undeclared');
  });

  it('ignores X-Forwarded-For unless the proxy is trusted', async () => {
    const headers = { 'x-forwarded-for': '203.0.113.9' };
    expect((await (await setUp()).get('/things/1', headers)).json().ip).toBe('127.0.0.1');
    expect((await (await setUp({ trustedProxies: ['127.0.0.1'] })).get('/things/1', headers)).json().ip).toBe('203.0.113.9');
  });
});
