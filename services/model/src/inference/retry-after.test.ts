import { describe, expect, it } from 'vitest';
import { createLoopHarness, rateLimited } from './retry-loop.test-support.ts';

describe('Retry-After', () => {
  it('retries after Retry-After when it is within the patience', async () => {
    const { succeed, calls, sleptMs } = createLoopHarness(
      { large: [rateLimited(1.5), 'ok'] },
      { policy: { patienceMs: 2_000, firstDelayMs: 100 } },
    );
    await succeed();
    // Jitter spreads the clients that received the same Retry-After.
    expect([calls, sleptMs]).toEqual([['large', 'large'], [1_600]]);
  });

  it('counts all waits of a request against its patience', async () => {
    const { fail, calls, sleptMs } = createLoopHarness(
      { large: [rateLimited(1.5)] },
      { policy: { patienceMs: 2_000 }, random: () => 0 },
    );
    expect(await fail()).toMatchObject({ code: 'RATE_LIMITED', retryAfterSeconds: 1.5, attempts: 2 });
    expect([calls, sleptMs]).toEqual([['large', 'large'], [1_500]]);
  });

  it('waits when Retry-After equals the patience', async () => {
    const { succeed, sleptMs } = createLoopHarness(
      { large: [rateLimited(2), 'ok'] },
      { policy: { patienceMs: 2_000 }, random: () => 0 },
    );
    await succeed();
    expect(sleptMs).toEqual([2_000]);
  });

  it('fails with the Retry-After when it exceeds the patience', async () => {
    const { fail, calls, sleptMs } = createLoopHarness({ large: [rateLimited(7)] });
    expect(await fail()).toMatchObject({ code: 'RATE_LIMITED', retryAfterSeconds: 7, attempts: 1 });
    expect([calls, sleptMs]).toEqual([['large'], []]);
  });

  it('makes no call before Retry-After, and returns the remaining time to later requests', async () => {
    const { fail, succeed, calls, pass } = createLoopHarness({ large: [rateLimited(7), 'ok'] });
    await fail();
    pass(4_000);
    expect(await fail()).toMatchObject({ code: 'RATE_LIMITED', retryAfterSeconds: 3, attempts: 0 });
    expect(calls).toHaveLength(1);
    pass(3_000);
    await succeed();
    expect(calls).toHaveLength(2);
  });

  it('falls back without waiting for Retry-After', async () => {
    const { succeed, calls, sleptMs } = createLoopHarness({ large: [rateLimited(1)], small: ['ok'] });
    expect((await succeed()).permit.target.id).toBe('small');
    expect([calls, sleptMs]).toEqual([['large', 'small'], []]);
  });

  it('does not wait for Retry-After beyond the deadline', async () => {
    const { fail, sleptMs } = createLoopHarness({ large: [rateLimited(1_000)] }, { policy: { patienceMs: 5_000_000 } });
    expect((await fail(undefined, { deadline: performance.now() + 500_000 })).code).toBe('RATE_LIMITED');
    expect(sleptMs).toEqual([]);
  });

  it('retries with another key in the same request', async () => {
    const { succeed, keysUsed, options, sleptMs } = createLoopHarness({ large: [rateLimited(7), 'ok'] });
    options.large = { keys: 2 };
    await succeed();
    expect(new Set(keysUsed).size).toBe(2);
    expect(sleptMs).toEqual([]);
  });
});
