import type { Model, ModelHealth, ModelList } from '@prodigon/contracts';
import { describe, expect, it } from 'vitest';
import {
  contextLabel,
  findModel,
  healthDetail,
  healthLabel,
  priceLabel,
  retirementLabel,
  shortContextLabel,
  shortPriceLabel,
} from './model-labels.ts';

const NOW = Date.parse('2026-03-01T12:00:30Z');
const HEALTH: ModelHealth = {
  state: 'unknown',
  breaker: 'closed',
  succeeded: 0,
  failed: 0,
  ttft_p50_ms: null,
  last_error: null,
  retry_after_s: null,
};
const FAILED = { code: 'INFERENCE_ERROR', message: 'The model provider failed to respond.', at: '2026-03-01T12:00:10Z' } as const;

describe('model labels', () => {
  it('distinguishes a price, a free model and an unknown price', () => {
    expect(priceLabel({ offline: false, price: { input: 0.075, output: 0.6 } })).toBe('$0.075 in / $0.60 out per M tokens');
    expect(priceLabel({ offline: false, price: { input: 0, output: 0 } })).toBe('free');
    expect(priceLabel({ offline: true, price: { input: 0, output: 0 } })).toBe('free (offline)');
    expect(priceLabel({ offline: false, price: null })).toBe('price unknown');
  });

  it('shows the context length if it is known', () => {
    expect(contextLabel({ context_tokens: 131_072 })).toBe('131,072-token context');
    expect(contextLabel({ context_tokens: null })).toBeNull();
  });

  it('shows the median time to first token of an available model', () => {
    const health = { ...HEALTH, state: 'ok', ttft_p50_ms: 210.4 } as const;
    expect([healthLabel(health), healthDetail(health, NOW)]).toEqual(['Available', 'first token after 210 ms (median)']);
  });

  it('shows the last error and the retry delay of an unavailable model', () => {
    const health = { ...HEALTH, state: 'unavailable', breaker: 'open', last_error: FAILED, retry_after_s: 4.2 } as const;
    expect([healthLabel(health), healthDetail(health, NOW)]).toEqual([
      'Unavailable',
      'The model provider failed to respond. (20 s ago) Retry in 5 s.',
    ]);
  });

  it('shows a failing model as retrying while its circuit breaker is half open', () => {
    expect(healthLabel({ ...HEALTH, state: 'failing', breaker: 'half_open' })).toBe('Retrying');
  });

  it('hides the last error of a model that was not called recently', () => {
    expect(healthDetail({ ...HEALTH, last_error: FAILED }, NOW)).toBeNull();
  });

  it('shows the retirement date and the replacement', () => {
    const retired = [{ id: 'old', provider: 'p', on: '2026-08-16', use: 'new' }];
    expect(retirementLabel({ id: 'old', retires_on: '2026-08-16' }, retired)).toBe('Retires on 2026-08-16, replaced by new');
    expect(retirementLabel({ id: 'old', retires_on: '2026-08-16' }, [])).toBe('Retires on 2026-08-16');
    expect(retirementLabel({ id: 'new', retires_on: null }, retired)).toBeNull();
  });

  it('looks up models by id, by alias and by model string with parameters', () => {
    const model = { id: 'a', aliases: ['b'] } as unknown as Model;
    const list = { default_model: 'a', models: [{ id: 'c', aliases: [] }, model] } as unknown as ModelList;
    for (const modelString of [null, 'a', 'b', 'a?seed=1']) expect(findModel(list, modelString)).toBe(model);
    expect(findModel(list, 'x')).toBeUndefined();
    expect(findModel(null, 'a')).toBeUndefined();
  });
});

it('shortens context and price for one line', () => {
  expect([131_072, 8_192, 1_048_576, null].map((context_tokens) => shortContextLabel({ context_tokens }))).toEqual([
    '131.1k',
    '8.2k',
    '1M',
    null,
  ]);
  expect(shortPriceLabel({ price: { input: 0.15, output: 0.6 }, offline: false })).toBe('$0.15 / $0.60');
  expect(shortPriceLabel({ price: null, offline: true })).toBe('free');
  expect(shortPriceLabel({ price: null, offline: false })).toBeNull();
});
