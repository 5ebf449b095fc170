import { validateHeaderValue } from 'node:http';
import { createSeededRandom, HOSTILE_PIECES, hostileText } from '@prodigon/testing';
import { expect, it } from 'vitest';
import { encodeHeaderValue } from './header-value.ts';

it.each([
  ['gpt-4o', 'gpt-4o'],
  ['a b~', 'a b~'],
  ['naïve', 'na%C3%AFve'],
  ['model-😀', 'model-%F0%9F%98%80'],
  ['a\r\nset-cookie: b', 'a%0D%0Aset-cookie: b'],
  ['\u202eltr', '%E2%80%AEltr'],
  ['\ud83d', '%EF%BF%BD'],
  ['a\udc00b', 'a%EF%BF%BDb'],
  ['\ude00\ud83d', '%EF%BF%BD%EF%BF%BD'],
])('encodes %j as %j', (text, encoded) => {
  expect(encodeHeaderValue(text)).toBe(encoded);
});

it('encodes any text as a valid header value from which the text can be read', () => {
  const random = createSeededRandom('header-value');
  const pieces = [...HOSTILE_PIECES, '\ud83d', '\udc00', '\u202e', '\u2066'];
  for (let round = 0; round < 500; round++) {
    const text = hostileText(random) + random.pick(pieces);
    const encoded = encodeHeaderValue(text);
    expect(() => validateHeaderValue('x-any', encoded)).not.toThrow();
    expect(decodeURIComponent(encoded.replace(/%(?![0-9A-F]{2})/g, '%25'))).toBe(text.toWellFormed());
  }
});
