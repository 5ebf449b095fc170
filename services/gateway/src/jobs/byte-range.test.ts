import { expect, it } from 'vitest';
import { matchesAnyTag, resolveByteRange } from './byte-range.ts';

it.each([
  ['bytes=0-', { first: 0, last: 9 }],
  ['bytes=3-5', { first: 3, last: 5 }],
  ['Bytes=3-3', { first: 3, last: 3 }],
  ['bytes=9-', { first: 9, last: 9 }],
  ['bytes=5-99', { first: 5, last: 9 }],
  ['bytes=-4', { first: 6, last: 9 }],
  ['bytes=-99', { first: 0, last: 9 }],
  ['bytes=10-', 'unsatisfiable'],
  ['bytes=10-20', 'unsatisfiable'],
  ['bytes=-0', 'unsatisfiable'],
  [undefined, undefined],
  ['', undefined],
  ['bytes=-', undefined],
  ['bytes=5-3', undefined],
  ['bytes=0-1,4-5', undefined],
  ['bytes=0-1, bytes=4-5', undefined],
  ['items=0-1', undefined],
  ['bytes=0x1-', undefined],
  ['bytes=1.5-', undefined],
  ['bytes=+1-', undefined],
  [`bytes=${'9'.repeat(400)}-`, 'unsatisfiable'],
  [`bytes=2-${'9'.repeat(400)}`, { first: 2, last: 9 }],
  [`bytes=-${'9'.repeat(400)}`, { first: 0, last: 9 }],
])('resolves %s of ten bytes', (header, expected) => {
  expect(resolveByteRange(header, 10)).toEqual(expected);
});

it('satisfies no range of an empty resource', () => {
  for (const header of ['bytes=0-', 'bytes=-1']) expect(resolveByteRange(header, 0)).toBe('unsatisfiable');
});

it.each([
  ['"a"', true],
  ['W/"a"', true],
  ['"b", "a"', true],
  ['*', true],
  ['"b"', false],
  ['a', false],
  [undefined, false],
])('compares If-None-Match %s', (header, expected) => {
  expect(matchesAnyTag(header, '"a"')).toBe(expected);
});
