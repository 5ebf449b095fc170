import { AppError } from '@prodigon/contracts';
import type { LeasedItem } from '@prodigon/ports';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createRetryPolicy } from './retry-policy.ts';

beforeEach(() => void vi.useFakeTimers({ toFake: ['performance'] }));
afterEach(() => void vi.useRealTimers());

const HOUR_MS = 3_600_000;
const itemOf = (jobId: string, model = 'large') => ({ jobId, failures: 0, options: { model } }) as LeasedItem;
const unreachable = () => new AppError('PROVIDER_UNREACHABLE', undefined, { attempts: 1 });
const open = () => new AppError('CIRCUIT_OPEN', undefined, { attempts: 0, retryAfterSeconds: 60 });

/** Fails one item every minute. Returns the types of the outcomes. */
function fail(retry: ReturnType<typeof createRetryPolicy>, minutes: number, item = itemOf('job'), failure = open) {
  const types = new Set<string>();
  for (let minute = 0; minute < minutes; minute += 1) {
    types.add(retry.decide(item, failure(), 5).type);
    vi.advanceTimersByTime(60_000);
  }
  return [...types];
}

describe('outage of a model', () => {
  it('fails the items of a job after two hours, with the error of the last provider call', () => {
    const retry = createRetryPolicy();
    expect(fail(retry, 1, itemOf('job'), unreachable)).toEqual(['delayed']);
    expect(fail(retry, 119)).toEqual(['delayed']);
    expect(retry.decide(itemOf('job'), open(), 5)).toEqual({
      type: 'failed',
      latencyMs: 5,
      error: {
        code: 'PROVIDER_UNREACHABLE',
        message: 'The model provider cannot be reached. The model has not responded for 120 minutes.',
      },
    });
    expect(retry.decide(itemOf('job'), open(), 5).type).toBe('failed');
  });

  it('gives a job that is submitted during the outage two hours of its own', () => {
    const retry = createRetryPolicy();
    fail(retry, 121);
    expect(fail(retry, 120, itemOf('new job'))).toEqual(['delayed']);
    expect(fail(retry, 1, itemOf('new job'))).toEqual(['failed']);
  });

  it.each<[string, (retry: ReturnType<typeof createRetryPolicy>, item: LeasedItem) => unknown]>([
    ['a success', (retry, item) => retry.recordSuccess(item)],
    ['a refused request', (retry, item) => retry.decide(item, new AppError('BAD_REQUEST', undefined, { attempts: 1 }), 5)],
    ['a rate limit', (retry, item) => retry.decide(item, new AppError('RATE_LIMITED', undefined, { attempts: 1 }), 5)],
  ])('ends with %s of any job', (_name, respond) => {
    const retry = createRetryPolicy();
    fail(retry, 119);
    respond(retry, itemOf('another job'));
    expect(fail(retry, 119)).toEqual(['delayed']);
  });

  it.each<[string, AppError]>([
    ['a failure before the circuit breaker opens', new AppError('INFERENCE_ERROR', undefined, { attempts: 1 })],
    ['a rejection before the provider call', new AppError('VALIDATION_ERROR')],
    ['an expected rate limit', new AppError('RATE_LIMITED', undefined, { attempts: 0, retryAfterSeconds: 5 })],
  ])('continues after %s', (_name, failure) => {
    const retry = createRetryPolicy();
    fail(retry, 119);
    retry.decide(itemOf('another job'), failure, 5);
    fail(retry, 1);
    expect(fail(retry, 1)).toEqual(['failed']);
  });

  it('does not concern other models', () => {
    const retry = createRetryPolicy();
    fail(retry, 119);
    retry.recordSuccess(itemOf('job', 'small'));
    expect(fail(retry, 1)).toEqual(['delayed']);
    expect(retry.decide(itemOf('job', 'small'), open(), 5).type).toBe('delayed');
    expect(retry.decide(itemOf('job'), open(), 5).type).toBe('failed');
  });

  it('starts again for a job that is retried later', () => {
    const retry = createRetryPolicy();
    fail(retry, 121);
    vi.advanceTimersByTime(HOUR_MS);
    expect(fail(retry, 1)).toEqual(['delayed']);
  });

  it('continues while a long Retry-After delays the item', () => {
    const retry = createRetryPolicy();
    const busy = new AppError('PROVIDER_UNREACHABLE', undefined, { attempts: 1, retryAfterSeconds: 3_600 });
    const outcomes = [0, 1, 2].map(() => {
      const { type } = retry.decide(itemOf('job'), busy, 5);
      vi.advanceTimersByTime(HOUR_MS + 60_000);
      return type;
    });
    expect(outcomes).toEqual(['delayed', 'delayed', 'failed']);
  });
});
