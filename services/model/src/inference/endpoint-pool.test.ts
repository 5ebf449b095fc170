import { AppError } from '@prodigon/contracts';
import type { ModelProvider, RateLimits } from '@prodigon/ports';
import { describe, expect, it } from 'vitest';
import { type EndpointLease, EndpointPool } from './endpoint-pool.ts';

/** A pool of endpoints named a, b, … on a clock that only `pass` moves. */
function setUp(count: number) {
  let now = 1_000_000;
  const providers = ['a', 'b', 'c'].slice(0, count).map((name) => ({ name }) as ModelProvider);
  const pool = new EndpointPool(providers, () => now);
  const take = (model = 'm'): EndpointLease => {
    const picked = pool.pick(model);
    return picked.endpoint === null ? expect.unreachable('None may be called.') : picked;
  };
  /** Takes and gives back, `count` times: the names of whom it met. */
  const meet = (count: number, model = 'm') => {
    const names = Array.from({ length: count }, () => {
      const lease = take(model);
      lease.release();
      return lease.endpoint.name;
    });
    return [...new Set(names)].sort().join('');
  };
  /** One call of the endpoint `name`, which ends with `failure`. */
  const call = (name: string, failure: AppError, model = 'm') => {
    const others: EndpointLease[] = [];
    let lease = take(model);
    while (lease.endpoint.name !== name) {
      others.push(lease);
      lease = take(model);
    }
    lease.release(failure);
    for (const other of others) other.release();
  };
  return { pool, take, meet, call, pass: (ms: number) => (now += ms) };
}

const limited = (seconds?: number) => new AppError('RATE_LIMITED', undefined, { retryAfterSeconds: seconds });
const refused = () => new AppError('INFERENCE_ERROR', undefined, { retryable: false });
const withoutMoney = () => new AppError('RATE_LIMITED', undefined, { retryable: false, retryAfterSeconds: 1 });
const told = (requests: RateLimits['requests'], tokens: RateLimits['tokens'] = null): RateLimits => ({ requests, tokens });

describe('the keys and addresses of a provider', () => {
  it('are chosen by the fewest calls in flight', () => {
    const { take } = setUp(3);
    const leases = [take(), take(), take()];
    expect(leases.map(({ endpoint }) => endpoint.name).sort()).toEqual(['a', 'b', 'c']);
    leases[1]?.release();
    expect(take().endpoint).toBe(leases[1]?.endpoint);
  });

  it('take turns while they have equally many', () => {
    const { take } = setUp(2);
    const names = Array.from({ length: 4 }, () => {
      const lease = take();
      lease.release();
      return lease.endpoint.name;
    });
    expect(names[0]).not.toBe(names[1]);
    expect(names.slice(2)).toEqual(names.slice(0, 2));
  });

  it('are left alone for as long as they asked, one by one', () => {
    const { call, meet, pass } = setUp(2);
    call('a', limited(7));
    expect(meet(4)).toBe('b');
    pass(6_999);
    expect(meet(4)).toBe('b');
    pass(1);
    expect(meet(4)).toBe('ab');
  });

  it('are left alone for the model that is at its limit, and for no other', () => {
    const { call, meet } = setUp(2);
    call('a', limited(7), 'large');
    expect([meet(4, 'large'), meet(4, 'small')]).toEqual(['b', 'ab']);
  });

  it('get a second when they do not say how long', () => {
    const { pool, call } = setUp(1);
    call('a', limited());
    expect(pool.pick('m')).toEqual({ endpoint: null, waitMs: 1_000 });
  });

  it('tell the shortest wait when all are at their limit', () => {
    const { pool, call, pass } = setUp(2);
    call('a', limited(9));
    call('b', limited(4));
    expect(pool.pick('m')).toEqual({ endpoint: null, waitMs: 4_000 });
    pass(1_000);
    expect([pool.pick('m'), pool.waitMs('m'), pool.waitMs('other')]).toEqual([{ endpoint: null, waitMs: 3_000 }, 3_000, 0]);
  });

  it('are not called when their headers say that nothing is left, until it is', () => {
    const { take, meet, pass } = setUp(2);
    const lease = take();
    lease.learn(told({ limit: 10, remaining: 0, resetMs: 2_000 }, { limit: 100, remaining: 0, resetMs: 5_000 }));
    lease.release();
    const other = lease.endpoint.name === 'a' ? 'b' : 'a';
    expect(meet(4)).toBe(other);
    pass(4_999);
    expect(meet(4)).toBe(other);
    pass(1);
    expect(meet(4)).toBe('ab');
  });

  it('are called as before while something is left, or when nobody says until when', () => {
    const { take, meet } = setUp(1);
    const lease = take();
    lease.learn(told({ limit: 10, remaining: 1, resetMs: 60_000 }));
    lease.learn(told({ limit: 10, remaining: 0, resetMs: null }));
    lease.release();
    expect(meet(1)).toBe('a');
  });

  it('keep the time that they named when a later answer of theirs speaks of more', () => {
    const { pool, take } = setUp(1);
    const [early, late] = [take(), take()];
    early.release(limited(9));
    late.learn(told({ limit: 10, remaining: 5, resetMs: 1_000 }));
    late.release();
    expect(pool.waitMs('m')).toBe(9_000);
  });

  it.each([
    ['was refused', refused],
    ['has nothing left to pay with', withoutMoney],
  ])('of which a key %s leave it alone for a minute, for all models', (_case, failure) => {
    const { call, meet, pass } = setUp(2);
    call('a', failure());
    expect([meet(4), meet(4, 'other')]).toEqual(['b', 'b']);
    pass(60_000);
    expect(meet(4)).toBe('ab');
  });

  it.each([
    ['was refused', refused],
    ['has nothing left to pay with', withoutMoney],
  ])('of which the only key %s ask it again: it may have been mended', (_case, failure) => {
    const { pool, call, meet } = setUp(1);
    call('a', failure());
    expect([pool.waitMs('m'), meet(1)]).toEqual([0, 'a']);
  });

  it('of which every key was refused ask again instead of calling it a limit', () => {
    const { pool, call, meet } = setUp(2);
    call('a', refused());
    call('b', refused());
    expect([pool.waitMs('m'), meet(4)]).toEqual([0, 'ab']);
  });

  it('of which one was refused wait for the other one that is at its limit', () => {
    const { pool, call } = setUp(2);
    call('a', refused());
    call('b', limited(4));
    expect([pool.pick('m'), pool.waitMs('m')]).toEqual([{ endpoint: null, waitMs: 4_000 }, 4_000]);
  });

  it('are not blamed for failures of the provider or of the request', () => {
    const { call, meet } = setUp(2);
    for (const code of ['INFERENCE_ERROR', 'SERVICE_UNAVAILABLE', 'BAD_REQUEST', 'CANCELLED'] as const)
      call('a', new AppError(code));
    expect(meet(4)).toBe('ab');
  });
});
