import { createHash, randomUUID } from 'node:crypto';
import type { IdempotencyClaim, IdempotencyStore } from '@prodigon/ports';
import { createTestDatabase } from '@prodigon/testing';
import { sql } from 'kysely';
import { expect, it, onTestFinished } from 'vitest';
import { createDatabase } from '../create-database.ts';
import { createPostgresIdempotencyStore } from './postgres-idempotency-store.ts';

const RESPONSE = { status: 201, headers: { location: '/a' }, body: '{"id": 1}' };
const hash = (text: string) => createHash('sha256').update(text).digest();

const createClaim = (values: Partial<IdempotencyClaim> = {}): IdempotencyClaim => ({
  id: randomUUID(),
  ownerId: 'ada',
  route: 'POST /a',
  key: 'k1',
  fingerprint: hash('body'),
  leaseMs: 60_000,
  ...values,
});

/** Opens one database from two processes. */
async function openStores() {
  const { url, drop } = await createTestDatabase({ isMigrated: true });
  const databases = [createDatabase({ url }), createDatabase({ url })] as const;
  onTestFinished(async () => {
    for (const { close } of databases) await close();
    await drop();
  });
  const [first, second] = databases.map(({ db }) => createPostgresIdempotencyStore(db)) as [IdempotencyStore, IdempotencyStore];
  const { db } = databases[0];
  const expireLeases = () => sql`update gateway.idempotency_keys set lease_expires_at = now() - interval '1 s'`.execute(db);
  const age = (hours: number) =>
    sql`update gateway.idempotency_keys set created_at = created_at - ${hours} * interval '1 hour'`.execute(db);
  const count = async () =>
    (await sql<{ n: number }>`select count(*)::int as n from gateway.idempotency_keys`.execute(db)).rows[0]?.n;
  async function createConversation(): Promise<{ id: string; remove: () => Promise<unknown> }> {
    const id = randomUUID();
    await sql`insert into chat.conversations (id, owner_id) values (${id}, 'ada')`.execute(db);
    return { id, remove: () => sql`delete from chat.conversations where id = ${id}`.execute(db) };
  }
  return { first, second, expireLeases, age, count, createConversation };
}

it('gives a key to one of many concurrent requests, across processes', async () => {
  const { first, second } = await openStores();
  const claims = Array.from({ length: 20 }, (_, index) => (index % 2 ? first : second).claim(createClaim()));
  const results = await Promise.allSettled(claims);
  expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  for (const result of results)
    if (result.status === 'rejected') expect(result.reason).toMatchObject({ code: 'CONFLICT', retryAfterSeconds: 1 });
});

it('returns the stored response to the same request, and rejects a different one', async () => {
  const { first, second } = await openStores();
  const claim = createClaim();
  expect(await first.claim(claim)).toBeUndefined();
  await expect(second.claim(createClaim({ fingerprint: hash('other') }))).rejects.toMatchObject({ code: 'VALIDATION_ERROR' });
  await first.complete(claim, RESPONSE);
  expect(await second.claim(createClaim())).toEqual(RESPONSE);
  await expect(second.claim(createClaim({ fingerprint: hash('other') }))).rejects.toMatchObject({
    code: 'VALIDATION_ERROR',
    details: [{ path: 'idempotency-key' }],
  });
});

it('keeps the keys of owners and routes apart', async () => {
  const { first } = await openStores();
  await first.claim(createClaim());
  for (const other of [{ ownerId: 'bob' }, { route: 'POST /b' }, { key: 'k2' }])
    expect(await first.claim(createClaim(other))).toBeUndefined();
});

it('frees the key of a request that failed', async () => {
  const { first, second } = await openStores();
  const claim = createClaim();
  await first.claim(claim);
  await first.release(claim);
  expect(await second.claim(createClaim({ fingerprint: hash('other') }))).toBeUndefined();
});

it('frees the key of a process that ended when its lease expires, and ignores its late response', async () => {
  const { first, second, expireLeases } = await openStores();
  const [lost, next] = [createClaim(), createClaim()];
  await first.claim(lost);
  await first.renew(lost);
  await expect(second.claim(next)).rejects.toMatchObject({ code: 'CONFLICT' });
  await expireLeases();
  expect(await second.claim(next)).toBeUndefined();
  await first.complete(lost, { ...RESPONSE, body: 'late' });
  await first.release(lost);
  await second.complete(next, RESPONSE);
  expect(await first.claim(createClaim())).toEqual(RESPONSE);
});

it('extends the lease of a request in flight', async () => {
  const { first, second, expireLeases } = await openStores();
  const claim = createClaim();
  await first.claim(claim);
  await expireLeases();
  await first.renew(claim);
  await expect(second.claim(createClaim())).rejects.toMatchObject({ code: 'CONFLICT' });
});

it('forgets responses after 24 hours', async () => {
  const { first, age, count } = await openStores();
  const old = createClaim({ key: 'old' });
  const claim = createClaim();
  for (const each of [old, claim]) {
    await first.claim(each);
    await first.complete(each, RESPONSE);
  }
  await age(23);
  expect(await first.claim(createClaim())).toEqual(RESPONSE);
  await age(2);
  const next = createClaim({ fingerprint: hash('other') });
  expect(await first.claim(next)).toBeUndefined();
  expect(await count()).toBe(2);
  await first.complete(next, RESPONSE);
  expect(await count()).toBe(1);
});

it('deletes a response with its conversation', async () => {
  const { first, count, createConversation } = await openStores();
  const { id, remove } = await createConversation();
  const claim = createClaim();
  await first.claim(claim);
  await first.complete(claim, { ...RESPONSE, conversationId: id });
  expect(await first.claim(createClaim())).toEqual(RESPONSE);
  await remove();
  expect(await count()).toBe(0);
});
