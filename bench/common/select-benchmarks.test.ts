import { expect, it } from 'vitest';
import { selectBenchmarks } from './select-benchmarks.ts';

const KNOWN = ['burst', 'cold-start', 'non-streaming'];

it('selects the default without --only', () => {
  expect(selectBenchmarks(undefined, KNOWN)).toEqual({ selected: null });
});

it('selects a comma-separated list, and repeated options', () => {
  expect(selectBenchmarks(['non-streaming,burst', ' cold-start'], KNOWN)).toEqual({
    selected: ['non-streaming', 'burst', 'cold-start'],
  });
});

it.each([
  [['burst,paced,soak'], ['paced', 'soak']],
  [['burst,'], ['']],
  [['toString'], ['toString']],
])('reports the unknown names of %j', (only, unknown) => {
  expect(selectBenchmarks(only, KNOWN)).toEqual({ unknown });
});
