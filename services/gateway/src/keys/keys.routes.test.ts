import { createSimulatorProvider } from '@prodigon/model-providers';
import type { KeyRecord, NewKey } from '@prodigon/ports';
import { expect, it } from 'vitest';
import { startPlatform } from '../gateway-harness.test-support.ts';
import { createMemoryKeys } from './memory-key-store.test-support.ts';

const ADMIN = 'key-of-the-admin-0123456789';
const MEMBER = 'key-of-the-member-0123456789';
const SPENDING = {
  day: { tokens: 5, usd: 0.5, resets_at: '2026-03-11T00:00:00.000Z' },
  month: { tokens: 7, usd: 0.75, resets_at: '2026-04-01T00:00:00.000Z' },
};
const TOMORROW = new Date(Date.now() + 86_400_000);
const SIMULATED = ['prodigon-sim', 'prodigon-sim?tokens=5'];
const LATER = new Date(Date.now() + 2 * 86_400_000);

async function start(options: { isKeyRequired?: boolean } = {}) {
  const keys = createMemoryKeys(`root:admin=${ADMIN}`, `env=${MEMBER}`);
  const { url, log } = await startPlatform({
    topology: 'in one process',
    providers: [{ endpoints: [createSimulatorProvider()] }],
    isKeyRequired: true,
    keys,
    budgets: { spendingOf: async (ids) => new Map(ids.map((id) => [id, SPENDING])) },
    ...options,
  });
  async function call(value: string | null, method: string, path: string, body?: object) {
    const response = await fetch(`${url}/api/v1${path}`, {
      method,
      headers: {
        ...(value !== null && { authorization: `Bearer ${value}` }),
        ...(body && { 'content-type': 'application/json' }),
      },
      ...(body && { body: JSON.stringify(body) }),
    });
    return { status: response.status, headers: response.headers, body: await response.json() };
  }
  const errorOf = async (...args: Parameters<typeof call>) => {
    const { status, body } = await call(...args);
    return [status, body.error?.code];
  };
  return { ...keys, call, errorOf, log };
}

const FORBIDDEN = [403, 'FORBIDDEN'];
const NOT_FOUND = [404, 'API_KEY_NOT_FOUND'];

it('creates a key whose value works immediately and appears only once', async () => {
  const { call, log } = await start();
  const options = { limits: { requests_per_min: 60 }, budget: { usd_per_day: 5 }, models: ['prodigon-sim'] };
  const created = await call(ADMIN, 'POST', '/keys', { name: 'laptop', owner: 'ada', ...options });
  expect(created.status).toBe(201);
  expect(created.headers.get('location')).toBe(`/api/v1/keys/${created.body.id}`);
  expect(created.headers.get('cache-control')).toContain('no-store');
  expect(created.body).toMatchObject({
    name: 'laptop',
    owner: 'ada',
    role: 'member',
    parent_id: null,
    limits: { requests_per_min: 60, tokens_per_min: null, streams: null },
    budget: { usd_per_day: 5, usd_per_month: null },
    models: ['prodigon-sim'],
    spending: SPENDING,
    key: expect.stringMatching(/^prodigon_\w{39}$/),
  });
  const { key: value, ...key } = created.body;
  const me = await call(value, 'GET', '/me');
  expect(me.body).toEqual({ owner: 'ada', role: 'member', key, requires_key: true });
  expect((await call(ADMIN, 'GET', `/keys/${key.id}`)).body).toEqual(key);
  expect(JSON.stringify((await call(ADMIN, 'GET', '/keys')).body)).not.toContain(value.slice(10));
  expect(log()).toContain('"owner":"ada","key":"laptop"');
  expect(log()).not.toContain(value.slice(10));
});

it('lists the keys of the own owner to members and all keys to admins', async () => {
  const { create, call } = await start();
  const { key, value } = await create();
  await create({ ownerId: 'eve' });
  const namesFor = async (caller: string) =>
    (await call(caller, 'GET', '/keys')).body.keys.map(({ owner }: { owner: string }) => owner);
  expect(await namesFor(value)).toEqual(['ada']);
  expect(await namesFor(MEMBER)).toEqual(['env']);
  expect(await namesFor(ADMIN)).toEqual(['eve', 'ada', 'root', 'env']);
  expect((await call(value, 'GET', `/keys/${key.id}`)).body).toMatchObject({ id: key.id });
});

it('answers alike for foreign and missing keys', async () => {
  const { create, errorOf } = await start();
  const { value } = await create();
  const foreign = await create({ ownerId: 'eve' });
  for (const id of [foreign.key.id, '01989f3e-2a54-7c3b-9d0e-999999999999', 'environment:root', 'environment:none', 'x'])
    for (const [method, path, body] of [
      ['GET', ''],
      ['PATCH', '', { name: 'stolen' }],
      ['DELETE', ''],
      ['POST', '/rotate', {}],
    ] as const)
      expect(await errorOf(value, method, `/keys/${id}${path}`, body)).toEqual(NOT_FOUND);
});

it('describes a caller without a key where none is required', async () => {
  const { call } = await start({ isKeyRequired: false });
  expect((await call(null, 'GET', '/me')).body).toEqual({ owner: 'local', role: 'admin', key: null, requires_key: false });
  expect((await call(MEMBER, 'GET', '/me')).body).toMatchObject({
    owner: 'env',
    key: { id: 'environment:env', created_at: null },
  });
});

it('refuses to change keys of API_KEYS', async () => {
  const { errorOf } = await start();
  const conflict = [409, 'CONFLICT'];
  expect(await errorOf(ADMIN, 'PATCH', '/keys/environment:env', { name: 'x' })).toEqual(conflict);
  expect(await errorOf(ADMIN, 'DELETE', '/keys/environment:env')).toEqual(conflict);
  expect(await errorOf(MEMBER, 'POST', '/keys/environment:env/rotate', {})).toEqual(conflict);
});

it('revokes a key immediately, and restores it', async () => {
  const { create, call, errorOf } = await start();
  const { key, value } = await create();
  expect((await call(value, 'GET', '/me')).status).toBe(200);
  const revoked = await call(ADMIN, 'DELETE', `/keys/${key.id}`);
  expect([revoked.status, typeof revoked.body.revoked_at]).toEqual([200, 'string']);
  expect(await errorOf(value, 'GET', '/me')).toEqual([401, 'UNAUTHENTICATED']);
  expect((await call(ADMIN, 'DELETE', `/keys/${key.id}`)).body).toEqual(revoked.body);
  expect((await call(ADMIN, 'PATCH', `/keys/${key.id}`, { revoked: false })).body.revoked_at).toBeNull();
  expect((await call(value, 'GET', '/me')).status).toBe(200);
});

it('does not accept a revoked key as local where no key is required', async () => {
  const { create, call, errorOf } = await start({ isKeyRequired: false });
  const { key, value } = await create();
  await call(null, 'DELETE', `/keys/${key.id}`);
  expect(await errorOf(value, 'GET', '/me')).toEqual([401, 'UNAUTHENTICATED']);
});

it('accepts both values of a rotated key during the overlap, and only the new one without', async () => {
  const { create, call } = await start();
  const { key, value } = await create();
  const first = (await call(value, 'POST', `/keys/${key.id}/rotate`, { overlap_seconds: 60 })).body.key;
  const statuses = async (...values: string[]) =>
    Promise.all(values.map(async (each) => (await call(each, 'GET', '/me')).status));
  expect(await statuses(value, first)).toEqual([200, 200]);
  const second = (await call(first, 'POST', `/keys/${key.id}/rotate`, { overlap_seconds: 0 })).body.key;
  expect(await statuses(value, first, second)).toEqual([401, 401, 200]);
});

it('changes only the given limits and budgets', async () => {
  const { create, call } = await start();
  const { key } = await create({ limits: { requests_per_min: 5, tokens_per_min: 6, streams: 7 } });
  const changes = { limits: { streams: null }, budget: { usd_per_month: 3 }, expires_at: TOMORROW.toISOString() };
  expect((await call(ADMIN, 'PATCH', `/keys/${key.id}`, changes)).body).toMatchObject({
    limits: { requests_per_min: 5, tokens_per_min: 6, streams: null },
    budget: { usd_per_day: null, usd_per_month: 3 },
    expires_at: changes.expires_at,
  });
  const past = { expires_at: '2020-01-01T00:00:00Z' };
  expect((await call(ADMIN, 'PATCH', `/keys/${key.id}`, past)).body.error.code).toBe('VALIDATION_ERROR');
});

it('binds the keys of a member to the rights of its own key', async () => {
  const { create, call, errorOf } = await start();
  const limits = { requests_per_min: 10, tokens_per_min: null, streams: null };
  const own = await create({ expiresAt: TOMORROW, models: SIMULATED, limits });
  const created = await call(own.value, 'POST', '/keys', { name: 'script', limits: { requests_per_min: 10 } });
  expect(created.body).toMatchObject({
    owner: 'ada',
    role: 'member',
    parent_id: own.key.id,
    expires_at: TOMORROW.toISOString(),
    models: SIMULATED,
  });
  const more = [
    { owner: 'eve' },
    { role: 'admin' },
    { expires_at: LATER.toISOString() },
    { models: ['prodigon-sim', 'huge'] },
    { limits: { requests_per_min: 11 } },
  ];
  for (const wanted of more) {
    expect(await errorOf(own.value, 'POST', '/keys', { name: 'more', ...wanted })).toEqual(FORBIDDEN);
    if (!('owner' in wanted)) expect(await errorOf(own.value, 'PATCH', `/keys/${created.body.id}`, wanted)).toEqual(FORBIDDEN);
  }
  const less = { models: ['prodigon-sim'], limits: { requests_per_min: 1 }, name: 'less' };
  expect((await call(own.value, 'PATCH', `/keys/${created.body.id}`, less)).body).toMatchObject(less);
  const widened = await call(own.value, 'PATCH', `/keys/${created.body.id}`, { models: null, expires_at: null });
  expect(widened.body).toMatchObject({ models: SIMULATED, expires_at: TOMORROW.toISOString() });
  await call(ADMIN, 'DELETE', `/keys/${own.key.id}`);
  expect(await errorOf(created.body.key, 'GET', '/me')).toEqual([401, 'UNAUTHENTICATED']);
});

it('does not let a created key create keys, nor change its own rights, its parent or its siblings', async () => {
  const { create, call, errorOf } = await start();
  const parent = await create();
  const sibling = await create({ parentId: parent.key.id });
  const { value, key } = await create({ parentId: parent.key.id });
  expect(await errorOf(value, 'POST', '/keys', { name: 'grandchild' })).toEqual(FORBIDDEN);
  for (const { id } of [key, parent.key, sibling.key])
    expect(await errorOf(value, 'PATCH', `/keys/${id}`, { limits: { streams: 100 } })).toEqual(FORBIDDEN);
  for (const { id } of [parent.key, sibling.key]) {
    expect(await errorOf(value, 'DELETE', `/keys/${id}`)).toEqual(FORBIDDEN);
    expect(await errorOf(value, 'POST', `/keys/${id}/rotate`, {})).toEqual(FORBIDDEN);
  }
  expect((await call(value, 'DELETE', `/keys/${key.id}`)).status).toBe(200);
});

it('lets only an unrestricted key manage the other member keys of its owner', async () => {
  const { create, call, errorOf } = await start();
  const other = await create();
  const admin = await create({ role: 'admin' });
  const NO_BUDGET = { usd_per_day: null, usd_per_month: null, tokens_per_day: null, tokens_per_month: null };
  const restrictions: Partial<NewKey>[] = [
    { expiresAt: TOMORROW },
    { models: ['prodigon-sim'] },
    { limits: { requests_per_min: null, tokens_per_min: null, streams: 1 } },
    { budget: { ...NO_BUDGET, tokens_per_month: 1 } },
  ];
  for (const restriction of restrictions) {
    const { value } = await create(restriction);
    expect(await errorOf(value, 'POST', `/keys/${other.key.id}/rotate`, {})).toEqual(FORBIDDEN);
  }
  const { value, key } = await create();
  expect((await call(value, 'POST', `/keys/${other.key.id}/rotate`, {})).status).toBe(200);
  expect(await errorOf(value, 'POST', `/keys/${admin.key.id}/rotate`, {})).toEqual(FORBIDDEN);
  expect(await errorOf(value, 'PATCH', `/keys/${key.id}`, { budget: { usd_per_day: 1 } })).toEqual(FORBIDDEN);
  expect(await errorOf(value, 'PATCH', `/keys/${other.key.id}`, { role: 'admin' })).toEqual(FORBIDDEN);
});

it('creates keys without a parent for keys of API_KEYS', async () => {
  const { call } = await start();
  const created: { body: { owner: string; parent_id: KeyRecord['parentId'] } } = await call(MEMBER, 'POST', '/keys', {
    name: 'ci',
  });
  expect(created.body).toMatchObject({ owner: 'env', role: 'member', parent_id: null });
});

it('lets a replaced value use the key, but not manage keys', async () => {
  const { create, call, errorOf } = await start();
  for (const role of ['member', 'admin'] as const) {
    const { key, value } = await create({ role });
    const child = (await call(value, 'POST', '/keys', { name: `child of ${role}` })).body;
    const current = (await call(value, 'POST', `/keys/${key.id}/rotate`, { overlap_seconds: 60 })).body.key;
    expect((await call(value, 'GET', '/me')).body).toMatchObject({ owner: 'ada', key: { id: key.id } });
    expect(await errorOf(value, 'POST', '/keys', { name: 'stolen' })).toEqual(FORBIDDEN);
    for (const { id } of [key, child]) {
      expect(await errorOf(value, 'POST', `/keys/${id}/rotate`, {})).toEqual(FORBIDDEN);
      expect(await errorOf(value, 'DELETE', `/keys/${id}`)).toEqual(FORBIDDEN);
      expect(await errorOf(value, 'PATCH', `/keys/${id}`, { name: 'stolen' })).toEqual(FORBIDDEN);
    }
    await call(current, 'DELETE', `/keys/${child.id}`);
    expect(await errorOf(value, 'PATCH', `/keys/${child.id}`, { revoked: false })).toEqual(FORBIDDEN);
    expect(await errorOf(current, 'POST', `/keys/${key.id}/rotate`, {})).toEqual([409, 'CONFLICT']);
    expect((await call(current, 'POST', `/keys/${key.id}/rotate`, { overlap_seconds: 0 })).status).toBe(200);
  }
});

it('lets a member restore only keys that it revoked itself', async () => {
  const { create, call, errorOf } = await start();
  const { value } = await create();
  const other = await create();
  const child = (await call(value, 'POST', '/keys', { name: 'child' })).body;
  const restore = { revoked: false };
  await call(value, 'DELETE', `/keys/${child.id}`);
  expect((await call(value, 'PATCH', `/keys/${child.id}`, restore)).body.revoked_at).toBeNull();
  for (const { id } of [child, other.key]) {
    await call(value, 'DELETE', `/keys/${id}`);
    await call(ADMIN, 'DELETE', `/keys/${id}`);
    await call(value, 'DELETE', `/keys/${id}`);
    expect(await errorOf(value, 'PATCH', `/keys/${id}`, restore)).toEqual(FORBIDDEN);
    expect((await call(ADMIN, 'PATCH', `/keys/${id}`, restore)).body.revoked_at).toBeNull();
  }
});

it('refuses a second valid key with the name of another one of its owner', async () => {
  const { call, errorOf } = await start();
  const laptop = { name: 'laptop', owner: 'ada' };
  const first = (await call(ADMIN, 'POST', '/keys', laptop)).body;
  const second = await call(ADMIN, 'POST', '/keys', laptop);
  expect([second.status, second.body.error.code]).toEqual([409, 'CONFLICT']);
  expect(second.body.error.message).toContain(first.id);
  expect((await call(ADMIN, 'POST', '/keys', { ...laptop, owner: 'eve' })).status).toBe(201);
  expect(await errorOf(MEMBER, 'POST', '/keys', { name: 'env' })).toEqual([409, 'CONFLICT']);
  const server = (await call(ADMIN, 'POST', '/keys', { ...laptop, name: 'server' })).body;
  expect(await errorOf(ADMIN, 'PATCH', `/keys/${server.id}`, { name: 'laptop' })).toEqual([409, 'CONFLICT']);
  expect((await call(ADMIN, 'PATCH', `/keys/${first.id}`, { name: 'laptop' })).status).toBe(200);
  await call(ADMIN, 'DELETE', `/keys/${first.id}`);
  expect((await call(ADMIN, 'POST', '/keys', laptop)).status).toBe(201);
  expect(await errorOf(ADMIN, 'PATCH', `/keys/${first.id}`, { revoked: false })).toEqual([409, 'CONFLICT']);
});

it('refuses allowed models that the platform does not offer', async () => {
  const { call, create } = await start();
  const refused = await call(ADMIN, 'POST', '/keys', { name: 'typo', models: ['prodigon-sim', 'nonexistent'] });
  expect([refused.status, refused.body.error.code]).toEqual([422, 'VALIDATION_ERROR']);
  expect(JSON.stringify(refused.body)).toMatch(/does not offer .{0,3}nonexistent/);
  const { key } = await create();
  expect((await call(ADMIN, 'PATCH', `/keys/${key.id}`, { models: ['nonexistent'] })).status).toBe(422);
});

it('lets members create at most 100 keys for each owner, and revoked ones count for a day', async () => {
  const { create, call, errorOf } = await start();
  const { value } = await create();
  for (let count = 1; count < 100; count += 1) {
    const { key } = await create();
    if (count === 1) await call(ADMIN, 'DELETE', `/keys/${key.id}`);
  }
  expect(await errorOf(value, 'POST', '/keys', { name: 'more' })).toEqual([409, 'CONFLICT']);
  expect((await call(ADMIN, 'POST', '/keys', { name: 'more', owner: 'ada' })).status).toBe(201);
});
