import { AppError } from '@prodigon/contracts';
import type { KeyRecord } from '@prodigon/ports';
import { describe, expect, it } from 'vitest';
import { REQUEST, setUpModelService, USAGE } from '../model-service.test-support.ts';
import { createBudgetStoreFake, directoryOf, keyOf } from './keys.test-support.ts';

const TEAM = keyOf({ id: 'team', budget: { usd_per_month: 5 } });
const BATCH = keyOf({ id: 'batch', parentId: 'team', budget: { tokens_per_day: 100 } });
const STREAM_OPTIONS = { format: 'tokens', generationId: 'gen' } as const;

function setUp(overrides: Parameters<typeof setUpModelService>[0] = {}, keys: readonly KeyRecord[] = [TEAM, BATCH]) {
  const budgets = createBudgetStoreFake();
  const service = setUpModelService(overrides, { keys: { directory: directoryOf(...keys), budgets: budgets.store } });
  const context = { ...service.context, principal: { id: 'ada', keyId: 'batch' } };
  return { ...service, ...budgets, context };
}

describe('budgets', () => {
  it('are reserved for the key and its parent before the provider call, by the price and the limit of the request', async () => {
    const { client, context, demands, requests } = setUp();
    await client.complete({ ...REQUEST, max_tokens: 1_000, n: 2 }, context);
    expect(requests).toHaveLength(1);
    expect(demands).toEqual([
      {
        keyIds: ['batch', 'team'],
        tokensMax: expect.toSatisfy((tokens) => tokens > 2_000 && tokens < 2_600),
        usdMax: expect.toSatisfy((usd) => usd > 0.006 && usd < 0.007),
        timeoutMs: expect.toSatisfy((ms) => ms > 3_600_000 && ms < 3_700_000),
      },
    ]);
  });

  it('count what a completion has used, under the id of its usage record', async () => {
    const { client, context, settled, recorded } = setUp();
    await client.complete(REQUEST, context);
    expect(settled).toEqual([['reservation-1', { tokens: USAGE.total_tokens, usd: 7 }]]);
    expect(await recorded()).toMatchObject([{ id: 'reservation-1', keyId: 'batch' }]);
  });

  it('count what a stream has used before its outcome resolves', async () => {
    const { client, context, settled, state } = setUp();
    state.settle = () => new Promise<void>((resolve) => setImmediate(resolve));
    const stream = await client.stream(REQUEST, context, STREAM_OPTIONS);
    for await (const _ of stream.bytes());
    await stream.outcome;
    expect(settled).toEqual([['reservation-1', { tokens: USAGE.total_tokens, usd: 7 }]]);
  });

  it('count what a stream has used until its client disconnects', async () => {
    const { client, context, settled } = setUp();
    const stream = await client.stream(REQUEST, context, STREAM_OPTIONS);
    for await (const _ of stream.bytes()) break;
    expect(await stream.outcome).toMatchObject({ status: 'cancelled' });
    expect(settled).toEqual([['reservation-1', { tokens: 2 + 2, usd: expect.closeTo(8e-6, 9) }]]);
  });

  it('count embeddings, which have no price here', async () => {
    const { client, context, settled, demands } = setUp();
    await client.embed({ model: 'small', input: '12345678', encoding_format: 'float' }, context);
    expect(demands).toMatchObject([{ usdMax: 0, tokensMax: expect.toSatisfy((tokens) => tokens >= 8 && tokens < 300) }]);
    expect(settled).toEqual([['reservation-1', { tokens: 2, usd: 0 }]]);
  });

  it('count nothing for a request that failed', async () => {
    const { client, context, settled } = setUp({ complete: () => Promise.reject(new AppError('BAD_REQUEST')) });
    await expect(client.complete(REQUEST, context)).rejects.toMatchObject({ code: 'BAD_REQUEST' });
    expect(settled).toEqual([['reservation-1', { tokens: 0, usd: 0 }]]);
  });

  it.each([
    ['invalid values', { ...REQUEST, temperature: 5 }, 'VALIDATION_ERROR'],
    ['an unknown model', { ...REQUEST, model: 'unknown' }, 'UNKNOWN_MODEL'],
  ])('are not reserved for %s', async (_case, request, code) => {
    const { client, context, demands } = setUp();
    await expect(client.complete(request, context)).rejects.toMatchObject({ code });
    expect(demands).toEqual([]);
  });

  it('refuse a request before the first provider call, without a usage record', async () => {
    const { client, context, state, requests, recorded } = setUp();
    state.refusal = new AppError('BUDGET_EXHAUSTED', 'It is used up.', { retryAfterSeconds: 60 });
    await expect(client.complete(REQUEST, context)).rejects.toMatchObject({
      ...{ code: 'BUDGET_EXHAUSTED', message: 'It is used up.', retryAfterSeconds: 60, attempts: 0 },
    });
    expect(requests).toEqual([]);
    expect(await recorded()).toEqual([]);
  });

  it.each([
    ['without a key', undefined],
    ['with a key of the environment', 'environment:ops'],
    ['with a key without a budget', 'free'],
  ])('are not reserved for a call %s', async (_case, keyId) => {
    const { client, context, demands, settled, recorded } = setUp({}, [keyOf({ id: 'free' })]);
    await client.complete(REQUEST, { ...context, principal: { id: 'ada', keyId } });
    expect([demands, settled]).toEqual([[], []]);
    expect(await recorded()).toMatchObject([{ id: expect.stringMatching(/^[\da-f]{8}-/), keyId: keyId ?? null }]);
  });
});
