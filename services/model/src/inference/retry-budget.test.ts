import { describe, expect, it } from 'vitest';
import { RetryBudget } from './retry-budget.ts';

function repeatsOf(budget: RetryBudget): number {
  let repeats = 0;
  while (budget.withdraw()) repeats += 1;
  return repeats;
}

describe('a retry budget', () => {
  it('is full at first, so that the first requests may be repeated', () => {
    expect(repeatsOf(new RetryBudget({ ratio: 0.5, max: 3 }))).toBe(3);
  });

  it('allows one repeated call in so many requests once it is used up', () => {
    const budget = new RetryBudget({ ratio: 0.25, max: 2 });
    repeatsOf(budget);
    for (let request = 0; request < 3; request++) budget.deposit();
    expect(repeatsOf(budget)).toBe(0);
    budget.deposit();
    expect(repeatsOf(budget)).toBe(1);
  });

  it('saves no more than its bound', () => {
    const budget = new RetryBudget({ ratio: 0.5, max: 2 });
    for (let request = 0; request < 100; request++) budget.deposit();
    expect(repeatsOf(budget)).toBe(2);
  });
});
