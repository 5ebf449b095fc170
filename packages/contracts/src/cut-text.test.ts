import { checkProperty, hostileTexts } from '@prodigon/testing';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { cutText } from './cut-text.ts';

it('keeps a text that is short enough', () => {
  expect(cutText('hello', 5)).toBe('hello');
});

it.each([
  ['plain text', 'hello world', 6, 'hello…'],
  ['plain text at a space', 'one two', 5, 'one…'],
  ['a surrogate pair', 'abc😀def', 5, 'abc…'],
  ['an emoji of several characters', 'ab👩‍👩‍👧‍👦cd', 10, 'ab…'],
  ['a flag', 'a🇩🇪🇫🇷b', 8, 'a🇩🇪…'],
  ['an accent', 'cafe\u0301s', 5, 'caf…'],
  ['a line end', 'ab\r\ncd', 4, 'ab…'],
  ['an emoji at the beginning', '😀😀', 2, '…'],
])('does not divide %s', (_name, text, max, expected) => {
  expect(cutText(text, max)).toBe(expected);
});

it('uses another mark, or none', () => {
  expect(cutText('abc😀def', 5, '')).toBe('abc😀');
  expect(cutText('abc😀def', 4, '')).toBe('abc');
});

it('divides a letter with a thousand accents, but no surrogate pair', () => {
  expect(cutText(`a${'\u0301'.repeat(1_000)}`, 500)).toHaveLength(500);
  expect(cutText('👩\u200d'.repeat(1_000), 501).isWellFormed()).toBe(true);
});

it('keeps hostile texts well-formed and within the limit', () =>
  checkProperty(
    { cases: 200 },
    fc.property(hostileTexts(), fc.integer({ min: 1, max: 40 }), (text, max) => {
      const cut = cutText(text, max);
      expect(cut.isWellFormed()).toBe(true);
      expect(cut.length).toBeLessThanOrEqual(max);
      expect(text.startsWith(cut.replace(/…$/, ''))).toBe(true);
    }),
  ));
