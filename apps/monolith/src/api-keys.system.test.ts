import { expect, it } from 'vitest';
import { createDatabase, shareDatabase, start } from './environment-variables.test-support.ts';

const INTERNAL_TOKEN = 'token-of-this-test-0123';

shareDatabase();

async function call(url: string, value: string, method: string, path: string, body?: object) {
  const response = await fetch(`${url}/api/v1${path}`, {
    method,
    headers: { authorization: `Bearer ${value}`, ...(body && { 'content-type': 'application/json' }) },
    ...(body && { body: JSON.stringify(body) }),
  });
  return { status: response.status, body: await response.json() };
}

it('creates the first admin with the internal token, whose keys work on every gateway immediately', async () => {
  const { url: DATABASE_URL } = await createDatabase();
  const env = { REQUIRE_API_KEY: 'on', INTERNAL_TOKEN, DATABASE_URL };
  const [first, second] = [await start('monolith', env), await start('gateway', env)];
  const admin = await call(first.url, INTERNAL_TOKEN, 'POST', '/keys', { name: 'admin', owner: 'grace', role: 'admin' });
  expect([admin.status, admin.body.owner]).toEqual([201, 'grace']);
  const member = await call(second.url, admin.body.key, 'POST', '/keys', { name: 'laptop', owner: 'ada' });
  expect(member.status).toBe(201);
  expect((await call(first.url, member.body.key, 'GET', '/me')).body).toMatchObject({ owner: 'ada', role: 'member' });
  expect((await call(first.url, admin.body.key, 'DELETE', `/keys/${member.body.id}`)).status).toBe(200);
  expect((await call(first.url, member.body.key, 'GET', '/me')).status).toBe(401);
});

it('rejects new keys without a database, and accepts those of API_KEYS', async () => {
  const key = 'key-of-grace-0123456789';
  const { url } = await start('gateway', { API_KEYS: `grace:admin=${key}`, DATABASE_URL: '' });
  expect((await call(url, key, 'GET', '/keys')).body.keys).toMatchObject([{ id: 'environment:grace', spending: null }]);
  expect(await call(url, key, 'POST', '/keys', { name: 'laptop' })).toMatchObject({
    status: 503,
    body: { error: { message: 'API keys are not stored: this service has no DATABASE_URL.' } },
  });
});
