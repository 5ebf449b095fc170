import { expect, test } from 'vitest';
import { correctSpelling } from './spelling-correction.ts';

const vocabulary = ['authentication', 'memory', 'token', 'break', 'streaming', 'latency', 'robin', 'default', 'the'];

test.each([
  ['autentication', 'authentication'],
  ['authentification', 'authentication'],
  ['memroy', 'memory'],
  ['tokne', 'token'],
  ['streming', 'streaming'],
  ['robbin', 'robin'],
  ['defaut', 'default'],
  ['thee', null],
  ['toke', null],
  ['bread', null],
  ['tokens', 'token'],
  ['menory', null],
  ['xuthentication', null],
  ['cat', null],
])('corrects %s to %s', (word, meant) => {
  expect(correctSpelling(word, vocabulary)).toBe(meant);
});
