import { describe, expect, it } from 'vitest';
import { DEFAULT_POLICY, toRetryPolicy } from './retry-policy.ts';

describe('retry policy of config/models.yaml', () => {
  it('returns the default policy when the file has none', () => {
    expect(toRetryPolicy({})).toEqual(DEFAULT_POLICY);
    expect(toRetryPolicy({ breaker: {} })).toEqual(DEFAULT_POLICY);
  });

  it('overrides each value that the file sets', () => {
    const policy = toRetryPolicy({
      attempts_max: 11,
      attempts_before_fallback: 12,
      first_delay_ms: 13,
      longest_delay_ms: 14,
      patience_ms: 15,
      breaker: { failures_max: 16, open_ms: 17, open_ms_max: 18 },
    });
    expect(policy).toEqual({
      attemptsMax: 11,
      attemptsBeforeFallback: 12,
      firstDelayMs: 13,
      longestDelayMs: 14,
      patienceMs: 15,
      breaker: { failuresMax: 16, openMs: 17, openMsMax: 18 },
      budget: DEFAULT_POLICY.budget,
    });
  });

  it('keeps the other defaults of the circuit breaker', () => {
    expect(toRetryPolicy({ breaker: { open_ms: 1 } }).breaker).toEqual({ ...DEFAULT_POLICY.breaker, openMs: 1 });
  });
});
