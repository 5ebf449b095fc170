import { AppError } from '@prodigon/contracts';
import { type LeasedItem, ServiceUnreachableError } from '@prodigon/ports';
import { describe, expect, it } from 'vitest';
import { createRetryPolicy } from './retry-policy.ts';

const itemWith = (failures: number) => ({ failures, jobId: 'job', options: {} }) as LeasedItem;
const longest = createRetryPolicy({ random: () => 1 });
const shortest = createRetryPolicy({ random: () => 0 });

describe('retry policy', () => {
  it('delays with full jitter up to a bound that doubles up to one minute', () => {
    const patient = createRetryPolicy({ random: () => 1, attemptsMax: 20 });
    const delays = [0, 1, 2, 3, 10].map((failures) => patient.decide(itemWith(failures), new AppError('INFERENCE_ERROR'), 5));
    expect(delays).toMatchObject([1_000, 2_000, 4_000, 8_000, 60_000].map((delayMs) => ({ type: 'retry', delayMs })));
    expect(shortest.decide(itemWith(0), new AppError('INFERENCE_ERROR'), 5)).toMatchObject({ delayMs: 0 });
  });

  it('never retries before the Retry-After of a provider', () => {
    const limited = new AppError('RATE_LIMITED', undefined, { retryAfterSeconds: 7 });
    expect(shortest.decide(itemWith(0), limited, 5)).toMatchObject({ type: 'retry', delayMs: 7_000 });
    expect(longest.decide(itemWith(0), limited, 5)).toMatchObject({ type: 'retry', delayMs: 8_000 });
  });

  it.each(['RATE_LIMITED', 'INFERENCE_ERROR', 'SERVICE_UNAVAILABLE', 'DEADLINE_EXCEEDED'] as const)(
    'retries %s up to three attempts',
    (code) => {
      const outcomes = [0, 1, 2].map((failures) => longest.decide(itemWith(failures), new AppError(code), 5).type);
      expect(outcomes).toEqual(['retry', 'retry', 'failed']);
    },
  );

  it.each(['BAD_REQUEST', 'NOT_FOUND', 'UNKNOWN_MODEL', 'VALIDATION_ERROR', 'PAYLOAD_TOO_LARGE'] as const)(
    'does not retry %s',
    (code) => {
      expect(longest.decide(itemWith(0), new AppError(code), 5)).toMatchObject({ type: 'failed', error: { code }, latencyMs: 5 });
    },
  );

  it('does not retry an error that is marked as not retryable', () => {
    for (const code of ['PROVIDER_KEY_REFUSED', 'QUOTA_EXHAUSTED', 'FORBIDDEN'] as const)
      expect(longest.decide(itemWith(0), new AppError(code), 5).type).toBe('failed');
  });

  it('fails an item over the budget of its key, although the budget starts again later', () => {
    const message = 'The budget of the key "batch" is used up.';
    const exhausted = new AppError('BUDGET_EXHAUSTED', message, { retryAfterSeconds: 3_600, attempts: 0 });
    const error = { code: 'BUDGET_EXHAUSTED', message };
    expect(longest.decide(itemWith(0), exhausted, 5)).toEqual({ type: 'failed', error, latencyMs: 5 });
  });

  it('delays an item without counting an attempt when the rate limit prevented the call', () => {
    const limited = new AppError('RATE_LIMITED', undefined, { retryAfterSeconds: 7, attempts: 0 });
    expect(shortest.decide(itemWith(2), limited, 5)).toEqual({ type: 'delayed', delayMs: 7_000 });
    expect(longest.decide(itemWith(2), limited, 5)).toEqual({ type: 'delayed', delayMs: 8_000 });
  });

  it('delays an item without counting an attempt while the circuit breaker of its model is open', () => {
    const open = new AppError('CIRCUIT_OPEN', undefined, { retryAfterSeconds: 10, attempts: 0 });
    expect(shortest.decide(itemWith(2), open, 5)).toEqual({ type: 'delayed', delayMs: 10_000 });
    const probe = new AppError('INFERENCE_ERROR', undefined, { attempts: 1, isCircuitOpen: true });
    expect(longest.decide(itemWith(2), probe, 5)).toEqual({ type: 'delayed', delayMs: 1_000 });
  });

  it('delays an item without counting an attempt while its provider cannot be reached', () => {
    const unreachable = new AppError('PROVIDER_UNREACHABLE', undefined, { retryAfterSeconds: 2, attempts: 1 });
    expect(shortest.decide(itemWith(2), unreachable, 5)).toEqual({ type: 'delayed', delayMs: 2_000 });
  });

  it('requeues an item when the model service is unreachable', () => {
    expect(longest.decide(itemWith(2), new ServiceUnreachableError('The model service cannot be reached.'), 5)).toEqual({
      type: 'requeued',
    });
  });
});
