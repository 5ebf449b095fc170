import { createMetrics } from '@prodigon/platform';
import type { CallContext } from '@prodigon/ports';
import { describe, expect, it } from 'vitest';
import { costOf, createUsageMeter, type NewUsage } from './usage-recorder.ts';

const usageOf = (prompt_tokens: number, completion_tokens: number, cached_tokens?: number) => ({
  prompt_tokens,
  completion_tokens,
  total_tokens: prompt_tokens + completion_tokens,
  ...(cached_tokens !== undefined && { prompt_tokens_details: { cached_tokens } }),
});
const price = { input: 2, output: 8 };

describe('response cost', () => {
  it('returns US dollars by the price of one million tokens', () => {
    expect(costOf(usageOf(1_000_000, 500_000), { price, isFree: false })).toBe(6);
    expect(costOf(usageOf(3, 5), { price, isFree: false })).toBeCloseTo(0.000_046, 12);
  });

  it('charges cached prompt tokens at their own price', () => {
    const cached = { price: { ...price, cached_input: 0.5 }, isFree: false };
    expect(costOf(usageOf(1_000_000, 0, 400_000), cached)).toBeCloseTo(1.4, 12);
  });

  it('charges cached prompt tokens in full when they have no price', () => {
    expect(costOf(usageOf(1_000_000, 0, 400_000), { price, isFree: false })).toBe(2);
  });

  it('never returns a negative cost, even for more cached tokens than prompt tokens', () => {
    expect(costOf(usageOf(10, 0, 1_000_000), { price: { ...price, cached_input: 0 }, isFree: false })).toBe(0);
  });

  it('returns null without a price, and zero for offline models', () => {
    expect(costOf(usageOf(10, 10), { price: undefined, isFree: false })).toBeNull();
    expect(costOf(usageOf(10, 10), { price, isFree: true })).toBe(0);
  });
});

describe('usage meter', () => {
  const target = {
    registration: { endpoints: [] },
    provider: 'acme',
    offline: false,
    model: 'large?seed=1',
    id: 'large',
    label: 'other',
    metadata: { price },
  };
  const context = { requestId: 'request-1', principal: { id: 'ada' } } as CallContext;
  const usage = usageOf(1_000_000, 500_000);
  const finished = {
    target,
    context,
    kind: 'chat',
    status: 'completed',
    usage,
    estimated: false,
    attempts: 2,
    reservationId: 'reservation-1',
  } as const;

  it('records a request with its cost, tokens and latency', async () => {
    const added: NewUsage[] = [];
    const metrics = createMetrics();
    const recordUsage = createUsageMeter({ metrics, recorder: { add: (usage) => void added.push(usage) } });
    const startedAt = performance.now() - 1_000;
    expect(recordUsage({ ...finished, ttftMs: 250, startedAt })).toBe(6);
    expect(added).toEqual([
      {
        id: 'reservation-1',
        ownerId: 'ada',
        keyId: null,
        requestId: 'request-1',
        kind: 'chat',
        provider: 'acme',
        model: 'large',
        status: 'completed',
        promptTokens: 1_000_000,
        completionTokens: 500_000,
        estimated: false,
        costUsd: 6,
        attempts: 2,
        ttftMs: 250,
        latencyMs: expect.any(Number),
      },
    ]);
    expect(added[0]?.latencyMs).toBeGreaterThanOrEqual(1_000);
    const { values } = await metrics.tokens.get();
    expect(values.map(({ labels, value }) => [labels.direction, labels.model, value])).toEqual([
      ['prompt', 'other', 1_000_000],
      ['completion', 'other', 500_000],
    ]);
    expect((await metrics.generations.get()).values).toMatchObject([
      { labels: { provider: 'acme', model: 'other', status: 'completed' }, value: 1 },
    ]);
    const sum = (await metrics.timeToFirstToken.get()).values.find(({ metricName }) => metricName?.endsWith('_sum'));
    expect(sum).toMatchObject({ value: 0.25 });
  });

  it('observes no time to first token for a request that does not stream', async () => {
    const metrics = createMetrics();
    createUsageMeter({ metrics, recorder: { add: () => {} } })({ ...finished, ttftMs: null, startedAt: 0 });
    expect((await metrics.timeToFirstToken.get()).values).toEqual([]);
  });
});
