import type { ErrorCode } from '@prodigon/contracts';
import { describe, expect, it } from 'vitest';
import { createLoopHarness } from './retry-loop.test-support.ts';
import { createRetryBudget, type RetryBudget } from './retry-loop.ts';

const FAILING: ErrorCode[] = ['INFERENCE_ERROR'];
const NO_BREAKER = { breaker: { failuresMax: 1_000, openMs: 1_000, openMsMax: 1_000 } };

describe('retry budget of a provider', () => {
  it('stops retries but not first calls when the budget is exhausted', async () => {
    const policy = { ...NO_BREAKER, budget: { ratio: 0, max: 4 } };
    const { fail, calls, sleptMs } = createLoopHarness({ large: FAILING }, { policy });
    expect([(await fail()).attempts, (await fail()).attempts, (await fail()).attempts]).toEqual([4, 2, 1]);
    expect(calls).toHaveLength(7);
    expect(sleptMs.length).toBeGreaterThan(0);
  });

  it('counts calls of a fallback as retries', async () => {
    const policy = { ...NO_BREAKER, budget: { ratio: 0, max: 1 } };
    const { fail, calls } = createLoopHarness({ large: ['DEADLINE_EXCEEDED'], small: ['DEADLINE_EXCEEDED'] }, { policy });
    await fail();
    expect(await fail()).toMatchObject({ code: 'DEADLINE_EXCEEDED', attempts: 1 });
    expect(calls).toEqual(['large', 'small', 'large']);
  });

  it('adds to the budget with each request', async () => {
    const policy = { ...NO_BREAKER, budget: { ratio: 1, max: 1 } };
    const { fail } = createLoopHarness({ large: FAILING }, { policy });
    expect([(await fail()).attempts, (await fail()).attempts]).toEqual([2, 2]);
  });
});

describe('retry budget', () => {
  function retriesOf(budget: RetryBudget): number {
    let retries = 0;
    while (budget.withdraw()) retries += 1;
    return retries;
  }

  it('starts with a full budget', () => {
    expect(retriesOf(createRetryBudget({ ratio: 0.5, max: 3 }))).toBe(3);
  });

  it('allows retries in proportion to requests when the budget is exhausted', () => {
    const budget = createRetryBudget({ ratio: 0.25, max: 2 });
    retriesOf(budget);
    for (let request = 0; request < 3; request++) budget.deposit();
    expect(retriesOf(budget)).toBe(0);
    budget.deposit();
    expect(retriesOf(budget)).toBe(1);
  });

  it('limits the budget to its maximum', () => {
    const budget = createRetryBudget({ ratio: 0.5, max: 2 });
    for (let request = 0; request < 100; request++) budget.deposit();
    expect(retriesOf(budget)).toBe(2);
  });
});
