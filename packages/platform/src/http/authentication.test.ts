import { AppError } from '@prodigon/contracts';
import type { FastifyPluginAsync } from 'fastify';
import { describe, expect, it } from 'vitest';
import { errorOf, INTERNAL, KEY, keyOf, setUp } from './create-http-server.test-support.ts';

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

  it('identifies the owner, the role and the key of a caller, and logs names only', async () => {
    const { get, log } = await setUp({ apiKeys: [KEY] });
    const response = await get('/caller', { authorization: `Bearer ${KEY}` });
    expect(response.json()).toEqual({ id: 'ada', role: 'member', keyId: keyOf().id });
    expect(JSON.parse(log())).toMatchObject({ owner: 'ada', key: 'laptop' });
    expect(log()).not.toContain(KEY);
  });

  it('treats callers without a key as the admin local while no key is required', async () => {
    const { get } = await setUp();
    const local = { id: 'local', role: 'admin' };
    expect((await get('/caller')).json()).toEqual(local);
    expect((await get('/caller', { authorization: 'Bearer unused-by-sdk' })).json()).toEqual(local);
    expect((await get('/admin')).json()).toEqual(local);
  });

  it('never treats an invalid key of the platform as local', async () => {
    const { get } = await setUp();
    expect(errorOf(await get('/caller', { authorization: 'Bearer prodigon_revoked' }))).toEqual([401, 'UNAUTHENTICATED']);
  });

  it('identifies the owner of a key that is not required', async () => {
    const { get } = await setUp({ clients: { keys: { authenticate: () => keyOf() } } });
    expect((await get('/caller', { authorization: `Bearer ${KEY}` })).json()).toMatchObject({ id: 'ada' });
  });

  it('accepts the internal token as the admin local where keys are required', async () => {
    const { get } = await setUp({ apiKeys: [KEY] });
    expect((await get('/caller', { authorization: `Bearer ${INTERNAL}` })).json()).toEqual({ id: 'local', role: 'admin' });
  });

  it('admits only admins to their routes', async () => {
    const statusOf = async (role: 'admin' | 'member') => {
      const { get } = await setUp({ clients: { keys: { authenticate: () => keyOf({ role }) }, isKeyRequired: true } });
      return errorOf(
        await get('/admin', { authorization: `Bearer ${KEY}` }).then((response) => ({
          statusCode: response.statusCode,
          json: () => ({ error: { code: '', ...response.json().error } }),
        })),
      );
    };
    expect(await statusOf('admin')).toEqual([200, '']);
    expect(await statusOf('member')).toEqual([403, 'FORBIDDEN']);
  });

  it('waits for a directory that reads keys from the database', async () => {
    const { get } = await setUp({ clients: { keys: { authenticate: async () => keyOf() }, isKeyRequired: true } });
    expect((await get('/caller', { authorization: `Bearer ${KEY}` })).json()).toMatchObject({ id: 'ada' });
    const down = new AppError('SERVICE_UNAVAILABLE');
    const closed = await setUp({ clients: { keys: { authenticate: () => Promise.reject(down) } } });
    expect(errorOf(await closed.get('/caller', { authorization: `Bearer ${KEY}` }))).toEqual([503, 'SERVICE_UNAVAILABLE']);
  });

  it('counts only wrong keys, and answers 429 while an address has sent too many', async () => {
    const addresses: string[] = [];
    const retryAfterSeconds: (number | null | Promise<number>)[] = [null, 3, Promise.resolve(4)];
    const check = (address: string) => {
      addresses.push(address);
      return retryAfterSeconds.shift() ?? null;
    };
    const { get } = await setUp({ apiKeys: [KEY], clients: { wrongKeys: { check } } });
    const wrong = () => get('/caller', { authorization: 'Bearer wrong-key-0123456789' });
    expect(errorOf(await get('/caller'))).toEqual([401, 'UNAUTHENTICATED']);
    expect((await get('/caller', { authorization: `Bearer ${KEY}` })).statusCode).toBe(200);
    expect(addresses).toEqual([]);
    expect(errorOf(await wrong())).toEqual([401, 'UNAUTHENTICATED']);
    for (const seconds of ['3', '4']) {
      const response = await wrong();
      expect(errorOf(response)).toEqual([429, 'RATE_LIMITED']);
      expect(response.headers['retry-after']).toBe(seconds);
    }
    expect((await get('/caller', { authorization: `Bearer ${KEY}` })).statusCode).toBe(200);
    expect(addresses).toEqual(['127.0.0.1', '127.0.0.1', '127.0.0.1']);
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
