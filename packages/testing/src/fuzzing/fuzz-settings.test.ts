import { describe, expect, it } from 'vitest';
import { fuzzSettings } from './fuzz-settings.ts';
import { createSeededRandom } from './seeded-random.ts';

describe('a fuzz test', () => {
  it('runs the same cases every time by default', () => {
    expect(fuzzSettings({ cases: 20 }, {})).toEqual({ seed: 1, cases: 20, reproduceWith: 'FUZZ_SEED=1 FUZZ_CASES=20' });
    expect(fuzzSettings({ cases: 20 }, { FUZZ_SEED: '7', FUZZ_CASES: '500' })).toMatchObject({ seed: 7, cases: 500 });
    expect(() => fuzzSettings({ cases: 20 }, { FUZZ_SEED: 'x' })).toThrow('FUZZ_SEED');
  });

  it('derives the random numbers of a case from its seed and name', () => {
    const numbersOf = (...parts: (string | number)[]) => {
      const random = createSeededRandom(...parts);
      return Array.from({ length: 10 }, () => random.upTo(1_000));
    };
    expect(numbersOf(1, 'bodies', 3)).toEqual(numbersOf(1, 'bodies', 3));
    expect(numbersOf(1, 'bodies', 3)).not.toEqual(numbersOf(1, 'bodies', 4));
    expect(numbersOf(1, 'bodies', 3)).not.toEqual(numbersOf(2, 'bodies', 3));
  });
});
