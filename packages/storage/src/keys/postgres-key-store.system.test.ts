import { randomBytes, randomUUIDv7 } from 'node:crypto';
import { hashApiKey } from '@prodigon/platform/configuration';
import { sql } from 'kysely';
import { expect, it } from 'vitest';
import { NO_LIMITS, openKeyDatabase } from './key-database.test-support.ts';

const NOT_FOUND = { code: 'API_KEY_NOT_FOUND' };
const HOUR_MS = 3_600_000;

it('stores every property of a key, but no value', async () => {
  const { db, store, create } = await openKeyDatabase();
  const options = {
    expiresAt: new Date('2030-01-02T03:04:05Z'),
    limits: { requests_per_min: 60, tokens_per_min: 10_000_000_000, streams: 3 },
    budget: { usd_per_day: 0.25, usd_per_month: 5, tokens_per_day: 1_000, tokens_per_month: 1_000_000_000_000 },
    models: ['small', 'large'],
  };
  const { key, value } = await create(options);
  expect(key).toMatchObject({ ...options, name: 'laptop', ownerId: 'ada', role: 'member', parentId: null, revokedAt: null });
  expect(await store.get(key.id, null)).toEqual(key);
  const { rows } = await sql<{ row: string }>`select key::text as row from gateway.api_keys as key`.execute(db);
  expect(rows[0]?.row).not.toContain(value.slice(10));
});

it('restricts every method to the keys of one owner, and answers alike for missing keys', async () => {
  const { store, create } = await openKeyDatabase();
  const own = await create();
  const foreign = await create({ ownerId: 'eve' });
  expect((await store.list('ada')).map(({ id }) => id)).toEqual([own.key.id]);
  expect((await store.list(null)).map(({ id }) => id)).toEqual([foreign.key.id, own.key.id]);
  for (const id of [foreign.key.id, randomUUIDv7(), 'environment:ada', 'x'])
    for (const call of [
      () => store.get(id, 'ada'),
      () => store.update(id, 'ada', { name: 'stolen' }),
      () => store.update(id, 'ada', {}),
      () => store.revoke(id, 'ada', null),
      () => store.restore(id, 'ada', null, HOUR_MS),
      () => store.rotate(id, 'ada', randomBytes(32), HOUR_MS),
    ])
      await expect(call()).rejects.toMatchObject(NOT_FOUND);
  expect(await store.get(foreign.key.id, 'eve')).toEqual(foreign.key);
});

it('changes only the given properties', async () => {
  const { store, create } = await openKeyDatabase();
  const { key } = await create({ models: ['small'] });
  const limits = { ...NO_LIMITS, streams: 2 };
  expect(await store.update(key.id, 'ada', { limits })).toEqual({ ...key, limits });
  expect(await store.update(key.id, null, { models: null, role: 'admin' })).toEqual({
    ...key,
    limits,
    models: null,
    role: 'admin',
  });
});

it('keeps the time of the first revocation and restores a key only for a while', async () => {
  const { db, store, create } = await openKeyDatabase();
  const { key } = await create();
  const revoked = await store.revoke(key.id, 'ada', null);
  expect(revoked.revokedAt).toBeInstanceOf(Date);
  expect(await store.revoke(key.id, 'ada', null)).toEqual(revoked);
  await expect(store.rotate(key.id, 'ada', randomBytes(32), HOUR_MS)).rejects.toMatchObject({ code: 'CONFLICT' });
  expect(await store.restore(key.id, 'ada', null, HOUR_MS)).toEqual(key);
  expect(await store.restore(key.id, 'ada', null, HOUR_MS)).toEqual(key);
  await sql`update gateway.api_keys set revoked_at = now() - interval '61 minutes'`.execute(db);
  await expect(store.restore(key.id, 'ada', null, HOUR_MS)).rejects.toMatchObject({ code: 'CONFLICT' });
});

it('restores for a member only what its own key revoked, and an administrator did not revoke as well', async () => {
  const { store, create } = await openKeyDatabase();
  const { key } = await create();
  const forbidden = { code: 'FORBIDDEN' };
  await store.revoke(key.id, 'ada', 'own');
  await expect(store.restore(key.id, 'ada', 'other', HOUR_MS)).rejects.toMatchObject(forbidden);
  expect(await store.restore(key.id, 'ada', 'own', HOUR_MS)).toEqual(key);
  await store.revoke(key.id, 'ada', 'own');
  await store.revoke(key.id, null, null);
  await store.revoke(key.id, 'ada', 'own');
  await expect(store.restore(key.id, 'ada', 'own', HOUR_MS)).rejects.toMatchObject(forbidden);
  expect(await store.restore(key.id, null, null, HOUR_MS)).toEqual(key);
});

it('keeps the previous value for the overlap of a rotation', async () => {
  const { store, create } = await openKeyDatabase();
  const { key, value } = await create();
  const [second, third] = [randomBytes(32), randomBytes(32)];
  const rotated = await store.rotate(key.id, 'ada', second, HOUR_MS);
  expect(rotated.previousExpiresAt?.getTime()).toBeGreaterThan(Date.now() + HOUR_MS / 2);
  expect(await store.readAll()).toMatchObject([{ hash: second, previousHash: hashApiKey(value) }]);
  await expect(store.rotate(key.id, 'ada', third, HOUR_MS)).rejects.toMatchObject({ code: 'CONFLICT' });
  expect((await store.rotate(key.id, 'ada', third, 0)).previousExpiresAt).toBeNull();
  expect(await store.readAll()).toMatchObject([{ hash: third, previousHash: null }]);
});

it('reads only keys that may be valid', async () => {
  const { store, create } = await openKeyDatabase();
  const { key } = await create();
  const revoked = await create();
  await store.revoke(revoked.key.id, null, null);
  await create({ expiresAt: new Date(Date.now() - 2 * HOUR_MS) });
  expect((await store.readAll()).map(({ id }) => id)).toEqual([key.id]);
});

it('changes the version with every change except a use', async () => {
  const { store, create } = await openKeyDatabase();
  const versions = [await store.version()];
  const { key } = await create();
  versions.push(await store.version());
  await store.update(key.id, null, { name: 'server' });
  versions.push(await store.version());
  await store.revoke(key.id, null, null);
  versions.push(await store.version());
  await store.restore(key.id, null, null, HOUR_MS);
  versions.push(await store.version());
  await store.rotate(key.id, null, randomBytes(32), 0);
  versions.push(await store.version());
  expect(new Set(versions).size).toBe(versions.length);
  await store.recordUse(new Map([[key.id, new Date()]]));
  expect(await store.version()).toBe(versions.at(-1));
});

it('never moves the time of the last use back', async () => {
  const { store, create } = await openKeyDatabase();
  const { key } = await create();
  const [earlier, later] = [new Date('2026-03-10T12:00:00Z'), new Date('2026-03-10T12:01:00Z')];
  await store.recordUse(new Map([[key.id, later]]));
  await store.recordUse(
    new Map([
      [key.id, earlier],
      [randomUUIDv7(), later],
    ]),
  );
  expect((await store.get(key.id, null)).lastUsedAt).toEqual(later);
});
