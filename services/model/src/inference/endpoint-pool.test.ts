import { AppError } from '@prodigon/contracts';
import type { ModelProvider, RateLimits } from '@prodigon/ports';
import { describe, expect, it } from 'vitest';
import { createEndpointPool, type Endpoint } from './endpoint-pool.ts';

/** Creates a pool of endpoints named a, b, … whose clock only `pass` advances. */
function setUp(count: number) {
  let now = 1_000_000;
  const providers = ['a', 'b', 'c'].slice(0, count).map((name) => ({ name }) as ModelProvider);
  const pool = createEndpointPool(providers, () => now);
  const acquire = (model = 'm'): Endpoint => {
    const endpoint = pool.acquire(model);
    return 'waitMs' in endpoint ? expect.unreachable('No endpoint is available.') : endpoint;
  };
  /** Returns the sorted names of the endpoints that `count` consecutive calls use. */
  const usedBy = (count: number, model = 'm') => {
    const names = Array.from({ length: count }, () => {
      const endpoint = acquire(model);
      pool.release(endpoint, model);
      return endpoint.provider.name;
    });
    return [...new Set(names)].sort().join('');
  };
  /** Fails one call of the endpoint `name`. */
  const fail = (name: string, failure: AppError, model = 'm') => {
    const others: Endpoint[] = [];
    let endpoint = acquire(model);
    while (endpoint.provider.name !== name) {
      others.push(endpoint);
      endpoint = acquire(model);
    }
    pool.release(endpoint, model, failure);
    for (const other of others) pool.release(other, model);
  };
  return { pool, acquire, usedBy, fail, pass: (ms: number) => (now += ms) };
}

const limited = (seconds?: number) => new AppError('RATE_LIMITED', undefined, { retryAfterSeconds: seconds });
const limitsOf = (requests: RateLimits['requests'], tokens: RateLimits['tokens'] = null): RateLimits => ({ requests, tokens });
const KEY_ERRORS = ['PROVIDER_KEY_REFUSED', 'QUOTA_EXHAUSTED'] as const;

describe('endpoint pool', () => {
  it('selects the endpoint with the fewest calls in flight', () => {
    const { pool, acquire } = setUp(3);
    const endpoints = [acquire(), acquire(), acquire()];
    expect(endpoints.map(({ provider }) => provider.name).sort()).toEqual(['a', 'b', 'c']);
    const [, second] = endpoints;
    if (second) pool.release(second, 'm');
    expect(acquire()).toBe(second);
  });

  it('alternates between endpoints with equally many calls', () => {
    const { pool, acquire } = setUp(2);
    const names = Array.from({ length: 4 }, () => {
      const endpoint = acquire();
      pool.release(endpoint, 'm');
      return endpoint.provider.name;
    });
    expect(names[0]).not.toBe(names[1]);
    expect(names.slice(2)).toEqual(names.slice(0, 2));
  });

  it('skips a rate-limited endpoint until its Retry-After has passed', () => {
    const { usedBy, fail, pass } = setUp(2);
    fail('a', limited(7));
    expect(usedBy(4)).toBe('b');
    pass(6_999);
    expect(usedBy(4)).toBe('b');
    pass(1);
    expect(usedBy(4)).toBe('ab');
  });

  it('skips a rate-limited endpoint for that model only', () => {
    const { usedBy, fail } = setUp(2);
    fail('a', limited(7), 'large');
    expect([usedBy(4, 'large'), usedBy(4, 'small')]).toEqual(['b', 'ab']);
  });

  it('skips a rate-limited endpoint without Retry-After for one second', () => {
    const { pool, fail } = setUp(1);
    fail('a', limited());
    expect(pool.acquire('m')).toEqual({ waitMs: 1_000 });
  });

  it('reports the shortest wait when every endpoint is rate-limited', () => {
    const { pool, fail, pass } = setUp(2);
    fail('a', limited(9));
    fail('b', limited(4));
    expect(pool.acquire('m')).toEqual({ waitMs: 4_000 });
    pass(1_000);
    expect([pool.acquire('m'), pool.waitMs('m'), pool.waitMs('other')]).toEqual([{ waitMs: 3_000 }, 3_000, 0]);
  });

  it('skips an endpoint without remaining capacity until its limits reset', () => {
    const { pool, acquire, usedBy, pass } = setUp(2);
    const endpoint = acquire();
    const limits = limitsOf({ limit: 10, remaining: 0, resetMs: 2_000 }, { limit: 100, remaining: 0, resetMs: 5_000 });
    pool.recordRateLimits(endpoint, 'm', limits);
    pool.release(endpoint, 'm');
    const other = endpoint.provider.name === 'a' ? 'b' : 'a';
    expect(usedBy(4)).toBe(other);
    pass(4_999);
    expect(usedBy(4)).toBe(other);
    pass(1);
    expect(usedBy(4)).toBe('ab');
  });

  it('keeps an endpoint with remaining capacity or without a reset time', () => {
    const { pool, acquire, usedBy } = setUp(1);
    const endpoint = acquire();
    pool.recordRateLimits(endpoint, 'm', limitsOf({ limit: 10, remaining: 1, resetMs: 60_000 }));
    pool.recordRateLimits(endpoint, 'm', limitsOf({ limit: 10, remaining: 0, resetMs: null }));
    pool.release(endpoint, 'm');
    expect(usedBy(1)).toBe('a');
  });

  it('keeps a Retry-After when a later response reports remaining capacity', () => {
    const { pool, acquire } = setUp(1);
    const [early, late] = [acquire(), acquire()];
    pool.release(early, 'm', limited(9));
    pool.recordRateLimits(late, 'm', limitsOf({ limit: 10, remaining: 5, resetMs: 1_000 }));
    pool.release(late, 'm');
    expect(pool.waitMs('m')).toBe(9_000);
  });

  it.each(KEY_ERRORS)('pauses a key for one minute and every model after %s', (code) => {
    const { usedBy, fail, pass } = setUp(2);
    fail('a', new AppError(code));
    expect([usedBy(4), usedBy(4, 'other')]).toEqual(['b', 'b']);
    pass(59_999);
    expect(usedBy(4)).toBe('b');
    pass(1);
    expect(usedBy(4)).toBe('ab');
  });

  it.each(KEY_ERRORS)('does not pause the only key after %s, because it may have been repaired', (code) => {
    const { pool, usedBy, fail } = setUp(1);
    fail('a', new AppError(code));
    expect([pool.waitMs('m'), usedBy(1)]).toEqual([0, 'a']);
  });

  it('ignores the pauses when every key is paused', () => {
    const { pool, usedBy, fail } = setUp(2);
    fail('a', new AppError('PROVIDER_KEY_REFUSED'));
    fail('b', new AppError('PROVIDER_KEY_REFUSED'));
    expect([pool.waitMs('m'), usedBy(4)]).toEqual([0, 'ab']);
  });

  it('waits for a rate-limited key rather than calling a paused one', () => {
    const { pool, fail } = setUp(2);
    fail('a', new AppError('PROVIDER_KEY_REFUSED'));
    fail('b', limited(4));
    expect([pool.acquire('m'), pool.waitMs('m')]).toEqual([{ waitMs: 4_000 }, 4_000]);
  });

  it('keeps an endpoint after failures of the provider or the request', () => {
    const { usedBy, fail } = setUp(2);
    for (const code of ['INFERENCE_ERROR', 'PROVIDER_UNREACHABLE', 'BAD_REQUEST', 'CANCELLED'] as const)
      fail('a', new AppError(code));
    expect(usedBy(4)).toBe('ab');
  });
});
