import { AppError } from '@prodigon/contracts';
import type { FastifyPluginAsync } from 'fastify';
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { expect, it, vi } from 'vitest';
import { z } from 'zod';
import { createLogger } from '../telemetry/logger.ts';
import { errorOf, setUp } from './create-http-server.test-support.ts';
import { idempotency } from './idempotency.ts';
import { createMemoryIdempotencyStore } from './memory-idempotency-store.test-support.ts';

const body = z.strictObject({ name: z.string() });

/** Starts a server with a route that creates things, named by their order. */
async function start({ leaseMs, create = async () => {} }: { leaseMs?: number; create?: () => Promise<void> } = {}) {
  const { store, calls } = createMemoryIdempotencyStore();
  const lines: string[] = [];
  let count = 0;
  const routes: FastifyPluginAsyncZod = async (app) => {
    const config = { access: 'caller', isIdempotent: true } as const;
    const response = { 201: z.object({ id: z.int(), name: z.string() }) };
    app.post('/boxes/:box', { config, schema: { body, response } }, async (request, reply) => {
      await create();
      count += 1;
      reply.code(201).header('location', `/${count}`);
      return { id: count, name: request.body.name };
    });
    app.post('/plain', { config: { access: 'caller' }, schema: { body } }, async () => {
      count += 1;
      return { id: count };
    });
  };
  const logger = createLogger({
    service: 'test',
    level: 'info',
    secrets: [],
    destination: { write: (line) => void lines.push(line) },
  });
  const { app } = await setUp({
    plugins: [idempotency({ store, logger, ...(leaseMs && { leaseMs }) }), routes as FastifyPluginAsync],
  });
  async function post(key: string | undefined, { url = '/boxes/a', name = 'A' } = {}) {
    const headers = {
      host: '127.0.0.1',
      'content-type': 'application/json',
      ...(key !== undefined && { 'idempotency-key': key }),
    };
    return app.inject({ method: 'POST', url, headers, payload: JSON.stringify({ name }) });
  }
  return { post, store, calls, lines };
}

it('replays the response of the first request with a key', async () => {
  const { post } = await start();
  const [first, second] = [await post('k'), await post('k')];
  for (const { statusCode, headers, body: text } of [first, second]) {
    expect([statusCode, headers.location, headers['content-type']]).toEqual([201, '/1', 'application/json; charset=utf-8']);
    expect(text).toBe('{"id":1,"name":"A"}');
  }
  expect([first.headers['idempotent-replayed'], second.headers['idempotent-replayed']]).toEqual([undefined, 'true']);
});

it('does not touch the store without a key, and ignores keys of other routes', async () => {
  const { post, calls } = await start();
  expect([(await post(undefined)).json().id, (await post(undefined)).json().id]).toEqual([1, 2]);
  expect((await post('k', { url: '/plain' })).json().id).toBe(3);
  expect((await post('k', { url: '/plain' })).json().id).toBe(4);
  expect(calls).toEqual([]);
});

it.each([
  ['body', { name: 'B' }],
  ['path', { url: '/boxes/b' }],
])('rejects a key whose first request had a different %s', async (_, different) => {
  const { post } = await start();
  await post('k');
  expect(errorOf(await post('k', different))).toEqual([422, 'VALIDATION_ERROR']);
});

it('rejects a request while the first one with its key is in flight', async () => {
  const gate = Promise.withResolvers<void>();
  const { post, calls } = await start({ create: () => gate.promise });
  const first = post('k');
  await vi.waitFor(() => expect(calls).toEqual(['claim']));
  expect(errorOf(await post('k'))).toEqual([409, 'CONFLICT']);
  gate.resolve();
  expect((await first).statusCode).toBe(201);
});

it('renews the lease of a request in flight', async () => {
  const gate = Promise.withResolvers<void>();
  const { post, calls } = await start({ leaseMs: 3, create: () => gate.promise });
  const first = post('k');
  await vi.waitFor(() => expect(calls.filter((call) => call === 'renew').length).toBeGreaterThan(2));
  gate.resolve();
  await first;
  expect(calls.at(-1)).toBe('complete');
});

it('frees the key of a request that fails', async () => {
  let isFailing = true;
  const { post, calls } = await start({
    async create() {
      if (isFailing) throw new AppError('RATE_LIMITED');
    },
  });
  expect(errorOf(await post('k'))).toEqual([429, 'RATE_LIMITED']);
  isFailing = false;
  expect((await post('k')).statusCode).toBe(201);
  expect(calls).toEqual(['claim', 'release', 'claim', 'complete']);
});

it('sends the response when it cannot be stored, and logs no text of it', async () => {
  const { post, store, lines } = await start();
  store.complete = async () => {
    throw new AppError('SERVICE_UNAVAILABLE');
  };
  expect((await post('k', { name: 'secret' })).json()).toEqual({ id: 1, name: 'secret' });
  expect(lines.join('')).toContain('An idempotency key was not updated');
  expect(lines.join('')).not.toContain('secret');
});

it('rejects an empty key and one that is too long', async () => {
  const { post, calls } = await start();
  for (const key of ['', 'k'.repeat(256)]) expect(errorOf(await post(key))).toEqual([422, 'VALIDATION_ERROR']);
  expect((await post('k'.repeat(255))).statusCode).toBe(201);
  expect(calls).toEqual(['claim', 'complete']);
});
