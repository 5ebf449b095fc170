import { expect, it } from 'vitest';
import { storableText } from './storable-text.ts';

it('replaces every U+0000 and every half of a surrogate pair by the replacement character', () => {
  expect(storableText('a\0b\0')).toBe('a\uFFFDb\uFFFD');
  expect(storableText('😀 \ud83d\0 \ude00')).toBe('😀 \uFFFD\uFFFD \uFFFD');
});
