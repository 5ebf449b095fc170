import { randomUUID } from 'node:crypto';
import { type RawEvent, readRawEvents, streamChunks } from '@prodigon/api-client/raw-events';
import type { ImportReport } from '@prodigon/contracts/conversations';
import { matrixOf } from '@prodigon/testing';
import { beforeAll, describe, expect, it, vi } from 'vitest';
import { closeAfterAll } from '../gateway-harness.test-support.ts';
import { FAST, JOB_TOPOLOGIES } from '../jobs/jobs.test-support.ts';
import { OWNERSHIP_CASES, type OwnershipCase } from './ownership-cases.test-support.ts';
import { type Member, type OwnershipPlatform, type Reply, startOwnershipPlatform } from './ownership-platform.test-support.ts';

const WAIT = { timeout: 100_000, interval: 100 };
const MISSING = '01989f3e-2a54-7c3b-9d0e-6f2b8a1c4d5e';

type CaseOf<Kind extends OwnershipCase['kind']> = Extract<OwnershipCase, { kind: Kind }>;

function casesOf<Kind extends OwnershipCase['kind']>(kind: Kind): [string, CaseOf<Kind>][] {
  return Object.entries(OWNERSHIP_CASES).filter((each): each is [string, CaseOf<Kind>] => each[1].kind === kind);
}

/** The id of a message contains that of its conversation. */
const pathWith = (route: string, id: string) => route.replace(/:\w+(?:\/messages\/:\w+)?/, () => id);
const missingIdOf = (object: string) => (object === 'message' ? `${MISSING}/messages/${MISSING}` : MISSING);

const textOf = ({ headers, body }: Reply) => `${headers}\n${body}`;

/** Expects that a response contains neither the texts nor the ids of another owner. */
function expectNothingOf({ owner, keyId }: Member, reply: Reply, ...ids: string[]): void {
  for (const secret of [`canary-${owner}`, keyId, ...ids]) expect(textOf(reply)).not.toContain(secret);
}

describe.each(matrixOf(JOB_TOPOLOGIES, (topology) => topology === 'over HTTP/2'))('data of two owners, worker %s', (topology) => {
  const onClose = closeAfterAll();
  let platform: OwnershipPlatform;
  let ada: Member;
  let bob: Member;
  beforeAll(async () => {
    platform = await startOwnershipPlatform(topology, onClose);
    [ada, bob] = await Promise.all([platform.createMember('ada'), platform.createMember('bob')]);
  });

  it.each(casesOf('owned'))('answers alike for foreign and missing objects: %s', async (route, { object, query = '', body }) => {
    const [own, foreign] = await Promise.all([ada.create(object), bob.create(object)]);
    const before = await bob.read(object, foreign);
    const request = (id: string, method?: string) => {
      const path = `${pathWith(route, id)}${query}`;
      return ada.call(method ? path.replace(/^\w+/, method) : path, { body });
    };
    const anonymous = ({ status, headers, body }: Reply, id: string) =>
      [status, headers, body].map((part) => String(part).replaceAll(id, '<id>'));

    for (const method of route.startsWith('GET ') && !/\/(?:events|stream)$/.test(route) ? ['GET', 'HEAD'] : [undefined]) {
      const [denied, missing] = [await request(foreign, method), await request(missingIdOf(object), method)];
      expect(denied.status).toBe(404);
      expect(anonymous(denied, foreign)).toEqual(anonymous(missing, missingIdOf(object)));
      expectNothingOf(bob, denied);
    }
    expect(await bob.read(object, foreign)).toEqual(before);

    const allowed = await request(own);
    expect([200, 201, 204]).toContain(allowed.status);
    expectNothingOf(bob, allowed, foreign);
    await Promise.all([ada.dispose(object, own), bob.dispose(object, foreign)]);
  });

  it.each(casesOf('list'))("lists the caller's objects only: %s", async (route, { object, queries }) => {
    const [own, foreign] = [await ada.create(object), await bob.create(object)];
    for (const query of queries) {
      const reply = await ada.call(`${route}${query.replace('{foreign}', foreign)}`);
      expect(reply.status).toBe(200);
      if (!query.includes('{foreign}')) expect(reply.body).toContain(own);
      expectNothingOf(bob, reply, foreign);
    }
  });

  it.each(casesOf('report'))("reports the usage of the caller's owner only: %s", async (route, { queries }) => {
    const [own = '', ...others] = queries;
    const request = { model: 'prodigon-sim?ttft_ms=0&tokens=1', prompt: 'Hi' };
    for (const member of [bob, ada]) await member.call('POST /api/v1/generate', { body: request });
    await vi.waitFor(async () => {
      for (const member of [ada, bob]) expect((await member.call(`${route}${own}`)).body).toContain(member.keyId);
    }, WAIT);
    expectNothingOf(bob, await ada.call(`${route}${own}`));
    for (const query of others)
      expectNothingOf(bob, await ada.call(`${route}${query.replace('{owner}', bob.owner).replace('{foreign}', bob.keyId)}`));
  });

  it.each(casesOf('stream'))("streams events of the caller's objects only: %s", async (route, { topics }) => {
    const foreign = await bob.create('running job');
    const disconnecting = new AbortController();
    const { signal } = disconnecting;
    const response = await ada.open(`${route}?topics=${topics.replace('{foreign}', foreign)}`, { signal });
    const events = readRawEvents(streamChunks(response.body as ReadableStream<Uint8Array>));
    const seen: string[] = [];
    const readUntil = async (isLast: (event: RawEvent) => boolean) => {
      for (let next = await events.next(); !next.done; next = await events.next()) {
        seen.push(`${next.value.event} ${next.value.id} ${next.value.data}`);
        if (isLast(next.value)) return;
      }
      throw new Error('The stream ended.');
    };
    await readUntil(({ event }) => event === 'jobs');
    await bob.call(`POST /api/v1/jobs/${foreign}/cancel`);
    const own = await ada.create('finished job');
    await readUntil(({ event, data }) => event === 'jobs' && data.includes(own));
    disconnecting.abort();

    const errors = seen.filter((event) => event.startsWith('error '));
    expect(errors).toEqual([expect.stringContaining('JOB_NOT_FOUND')]);
    for (const event of seen.filter((each) => !errors.includes(each))) expect(event).not.toContain(foreign);
    expect(seen.join('\n')).not.toContain('canary-bob');
  });

  it.each(casesOf('created'))('creates objects of the caller only: %s', async (route, { query = '', body, isListed }) => {
    // Both owners send the same idempotency key.
    const headers = { 'idempotency-key': `shared-${route}` };
    const [foreign, own] = [
      await bob.call(`${route}${query}`, { body, headers }),
      await ada.call(`${route}${query}`, { body, headers }),
    ];
    const idOf = (reply: Reply) => JSON.parse(reply.body).job_id ?? JSON.parse(reply.body).id;
    expect([own.status, foreign.status]).toEqual([own.status, own.status]);
    expect(idOf(own)).not.toBe(idOf(foreign));
    expect(own.headers).not.toContain('idempotent-replayed');
    expectNothingOf(bob, own, idOf(foreign));
    const [, path] = route.split(' ');
    if (isListed) {
      const listed = await ada.call(`GET ${path}`);
      expect(listed.body).toContain(idOf(own));
      return expectNothingOf(bob, listed, idOf(foreign));
    }
    expect((await ada.call(`GET ${path}/${idOf(own)}`)).status).toBe(200);
    for (const [member, id] of [
      [ada, idOf(foreign)],
      [bob, idOf(own)],
    ] as const)
      expect((await member.call(`GET ${path}/${id}`)).status).toBe(404);
  });

  it.each(casesOf('import'))('imports a file for its caller only: %s', async (route, { body }) => {
    const importFor = async (member: Member) => JSON.parse((await member.call(route, { body })).body) as ImportReport;
    const [own, foreign] = [await importFor(ada), await importFor(bob)];
    expect([own, foreign]).toMatchObject([
      { imported: 1, unchanged: 0 },
      { imported: 1, unchanged: 0 },
    ]);
    expect(own.conversations[0]?.id).not.toBe(foreign.conversations[0]?.id);
    expect(await importFor(ada)).toMatchObject({ imported: 0, unchanged: 1 });
  });

  it.each(casesOf('cleared'))('deletes the objects of the caller only: %s', async (route, { object, query }) => {
    const [own, foreign] = await Promise.all([ada.create(object), bob.create(object)]);
    const before = await bob.read(object, foreign);
    expect((await ada.call(`${route}${query}`)).status).toBe(204);
    expect(await bob.read(object, foreign)).toEqual(before);
    await expect(ada.read(object, own)).rejects.toThrow();
  });

  it.each(casesOf('models'))("lists the models of the caller's key: %s", async (route) => {
    const restricted = await platform.createMember('eve', { models: ['prodigon-sim'] });
    for (const member of [ada, restricted, ada, restricted]) {
      const { status, body } = await member.call(route);
      expect(status).toBe(200);
      expect(body).toContain('"id":"prodigon-sim"');
      expect(body.includes('"id":"prodigon-embed"')).toBe(member === ada);
    }
  });

  it.each(casesOf('completion'))("accounts requests to the caller's key: %s", async (route, { body }) => {
    const [first, second] = await Promise.all(
      [`one-${randomUUID()}`, `two-${randomUUID()}`].map((owner) => platform.createMember(owner)),
    );
    if (!first || !second) throw new Error('unreachable');
    const requestsOf = async (member: Member) =>
      JSON.parse((await member.call('GET /api/v1/usage?by=key')).body).rows.map((row: { key_id: string; requests: number }) => [
        row.key_id,
        row.requests,
      ]);
    expect((await first.call(route, { body })).status).toBe(200);
    await vi.waitFor(async () => expect(await requestsOf(first)).toEqual([[first.keyId, 1]]), WAIT);
    expect(await requestsOf(second)).toEqual([]);

    // Only the response to the same owner is reused.
    expect((await first.call(route, { body })).headers).toContain('x-prodigon-cache: hit');
    const repeated = await second.call(route, { body });
    expect([repeated.status, repeated.headers]).toEqual([200, expect.not.stringContaining('x-prodigon-cache: hit')]);
    expectNothingOf(first, repeated);
    await vi.waitFor(async () => expect(await requestsOf(second)).toEqual([[second.keyId, 1]]), WAIT);
    expect(await requestsOf(first)).toEqual([[first.keyId, 1]]);
  });

  it.each(casesOf('shared'))('returns the same to all callers: %s', async (route) => {
    const path = route.replace('*', 'prodigon-sim').replace(/:\w+/g, 'x');
    const [own, other] = [await ada.call(path), await bob.call(path)];
    const withoutLength = ({ status, headers }: Reply) => [status, headers.replace(/^content-length: .*\n/m, '')];
    expect(withoutLength(own)).toEqual(withoutLength(other));
    for (const reply of [own, other]) for (const member of [ada, bob]) expectNothingOf(member, reply);
  });

  it('counts requests towards the limits of their owner only', async () => {
    const limits = { requests_per_min: 1 };
    const [eve, zoe] = await Promise.all(['eve', 'zoe'].map((owner) => platform.createMember(owner, { limits })));
    if (!eve || !zoe) throw new Error('unreachable');
    const body = { model: FAST, prompt: 'Hi' };
    for (const member of [eve, zoe]) expect((await member.call('POST /api/v1/generate', { body })).status).toBe(200);
    const rejected = await eve.call('POST /api/v1/generate', { body });
    expect(rejected.status).toBe(429);
    expectNothingOf(zoe, rejected);
    expect((await ada.call('POST /api/v1/generate', { body })).status).toBe(200);
  });

  it('shows the metrics of all owners without names', async () => {
    const reply = await ada.call('GET /metrics');
    expect(reply.status).toBe(200);
    expectNothingOf(bob, reply);
    expectNothingOf(ada, reply);
  });

  it('shows an admin all keys and usage, but only the own jobs', async () => {
    const [job, key] = [await bob.create('finished job'), await bob.create('key')];
    const { call } = platform.admin;
    expect((await call('GET /api/v1/keys')).body).toContain(key);
    expect((await call(`GET /api/v1/keys/${key}`)).status).toBe(200);
    expect((await call('GET /api/v1/usage?owner=bob')).status).toBe(200);
    expect((await call(`GET /api/v1/jobs/${job}`)).status).toBe(404);
    expect((await call('GET /api/v1/jobs')).body).not.toContain(job);
  });
});
