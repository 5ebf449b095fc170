import { expect, test } from 'vitest';
import { correctSpelling } from './spelling-correction.ts';

const vocabulary = ['authentication', 'memory', 'token', 'break', 'streaming', 'latency'];

test.each([
  ['autentication', 'authentication'],
  ['authentification', 'authentication'],
  ['memroy', 'memory'],
  ['tokne', 'token'],
  ['streming', 'streaming'],
  ['bread', null],
  ['tokens', null],
  ['menory', null],
  ['xuthentication', null],
  ['cat', null],
])('corrects %s to %s', (word, meant) => {
  expect(correctSpelling(word, vocabulary)).toBe(meant);
});
