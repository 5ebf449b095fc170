import { describe, expect, it } from 'vitest';
import { costOf } from './cost.ts';

const usageOf = (prompt_tokens: number, completion_tokens: number, cached_tokens?: number) => ({
  prompt_tokens,
  completion_tokens,
  total_tokens: prompt_tokens + completion_tokens,
  ...(cached_tokens !== undefined && { prompt_tokens_details: { cached_tokens } }),
});
const price = { input: 2, output: 8 };

describe('the cost of an answer', () => {
  it('is in US dollars, by the price of a million tokens', () => {
    expect(costOf(usageOf(1_000_000, 500_000), { price, isFree: false })).toBe(6);
    expect(costOf(usageOf(3, 5), { price, isFree: false })).toBeCloseTo(0.000_046, 12);
  });

  it('counts what the provider had in its cache at its own price', () => {
    const cached = { price: { ...price, cached_input: 0.5 }, isFree: false };
    expect(costOf(usageOf(1_000_000, 0, 400_000), cached)).toBeCloseTo(1.4, 12);
  });

  it('counts the cached part in full where it has no price of its own', () => {
    expect(costOf(usageOf(1_000_000, 0, 400_000), { price, isFree: false })).toBe(2);
  });

  it('is never negative, even when more is said to be cached than there was', () => {
    expect(costOf(usageOf(10, 0, 1_000_000), { price: { ...price, cached_input: 0 }, isFree: false })).toBe(0);
  });

  it('is not known without a price, and nothing inside the platform', () => {
    expect(costOf(usageOf(10, 10), { price: undefined, isFree: false })).toBeNull();
    expect(costOf(usageOf(10, 10), { price, isFree: true })).toBe(0);
  });
});
