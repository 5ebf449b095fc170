import type { ModelHealth } from '@prodigon/contracts';
import { describe, expect, it } from 'vitest';
import { contextLabel, healthDetail, healthLabel, priceLabel, retirementLabel } from './model-labels.ts';

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
const FAILED = { code: 'INFERENCE_ERROR', message: 'The model provider failed to answer.', at: '2026-03-01T12:00:10Z' } as const;

describe('a model in words', () => {
  it('has a price, none, or one that nobody knows', () => {
    expect(priceLabel({ offline: false, price: { input: 0.075, output: 0.6 } })).toBe('$0.075 in / $0.60 out per M tokens');
    expect(priceLabel({ offline: false, price: { input: 0, output: 0 } })).toBe('free');
    expect(priceLabel({ offline: true, price: { input: 0, output: 0 } })).toBe('free, runs here');
    expect(priceLabel({ offline: false, price: null })).toBe('price not known');
  });

  it('has a context, where that is known', () => {
    expect(contextLabel({ context_tokens: 131_072 })).toBe('131,072 tokens of context');
    expect(contextLabel({ context_tokens: null })).toBeNull();
  });

  it('answers, and how fast', () => {
    const health = { ...HEALTH, state: 'ok', ttft_p50_ms: 210.4 } as const;
    expect([healthLabel(health), healthDetail(health, NOW)]).toEqual(['Answering', 'first token typically in 210 ms']);
  });

  it('is unavailable, since when and until when', () => {
    const health = { ...HEALTH, state: 'unavailable', breaker: 'open', last_error: FAILED, retry_after_s: 4.2 } as const;
    expect([healthLabel(health), healthDetail(health, NOW)]).toEqual([
      'Unavailable',
      'The model provider failed to answer. (20 s ago) Will be called again in 5 s.',
    ]);
  });

  it('is tried again while its breaker is half open', () => {
    expect(healthLabel({ ...HEALTH, state: 'failing', breaker: 'half_open' })).toBe('Being tried again');
  });

  it('says nothing of an old error once nobody has called it lately', () => {
    expect(healthDetail({ ...HEALTH, last_error: FAILED }, NOW)).toBeNull();
  });

  it('ends on a day, and names who answers then', () => {
    const retired = [{ id: 'old', provider: 'p', on: '2026-08-16', use: 'new' }];
    expect(retirementLabel({ id: 'old', retires_on: '2026-08-16' }, retired)).toBe('Retires on 2026-08-16; then new answers');
    expect(retirementLabel({ id: 'old', retires_on: '2026-08-16' }, [])).toBe('Retires on 2026-08-16');
    expect(retirementLabel({ id: 'new', retires_on: null }, retired)).toBeNull();
  });
});
