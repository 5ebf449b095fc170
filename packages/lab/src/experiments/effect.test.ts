import { describe, expect, it } from 'vitest';
import { effectOf, statusOf } from './effect.ts';

describe('effectOf', () => {
  it.each([
    ['more', [1.11, 1.2]],
    ['less', [0.5, 0.89]],
    ['no_difference', [0.9, 1.1]],
    ['unclear', [1.05, 1.2]],
    ['unclear', [0.8, 0.95]],
    ['unclear', [0.5, 2]],
  ] as const)('is %s for the interval %j and a margin of 10 %%', (effect, interval) => {
    expect(effectOf(interval, 0.1)).toBe(effect);
  });
});

describe('statusOf', () => {
  it.each([
    ['SUPPORTED', [2, 3], { from: 2, to: null }],
    ['REFUTED', [1, 1.99], { from: 2, to: null }],
    ['INCONCLUSIVE', [1.9, 2.1], { from: 2, to: null }],
    ['SUPPORTED', [0.1, 0.8], { from: null, to: 0.9 }],
    ['REFUTED', [0.9, 1], { from: null, to: 0.9 }],
    ['REFUTED', [0.5, 0.8], { from: 0.9, to: 1.1 }],
    ['INCONCLUSIVE', [0.8, 1.2], { from: 0.9, to: 1.1 }],
    ['SUPPORTED', [0.1, 9], { from: null, to: null }],
  ] as const)('is %s for the interval %j and the range %j', (status, interval, range) => {
    expect(statusOf(interval, range)).toBe(status);
  });
});
