import { expect, it } from 'vitest';
import { hashConfiguration } from './configuration-hash.ts';

it('depends on names and values of the variables, but neither on their order nor on other variables', () => {
  const hash = hashConfiguration({ A: '1', B: '2', C: '3' }, ['A', 'B']);
  expect(hash).toMatch(/^[0-9a-f]{12}$/);
  expect(hashConfiguration({ B: '2', A: '1' }, ['B', 'A'])).toBe(hash);
  expect(hashConfiguration({ A: '1', B: '3' }, ['A', 'B'])).not.toBe(hash);
  expect(hashConfiguration({ A: '1' }, ['A', 'B'])).not.toBe(hash);
  expect(hashConfiguration({ A: '1', B: '' }, ['A', 'B'])).not.toBe(hashConfiguration({ A: '1' }, ['A', 'B']));
});
