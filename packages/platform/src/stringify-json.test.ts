import { expect, it } from 'vitest';
import { stringifyJson } from './stringify-json.ts';

const MEGABYTE = 1 << 20;

it('returns the JSON of a small value without a turn of the event loop', () => {
  expect(stringifyJson({ a: [1, null, undefined, 'x'], b: undefined })).toBe('{"a":[1,null,null,"x"]}');
});

it.each<[string, object]>([
  ['plain text', { a: 'x'.repeat(3 * MEGABYTE), b: [1, { c: true }], d: undefined, e: [undefined, null] }],
  ['escaped characters', { a: ['"\\\n\u0000'.repeat(MEGABYTE)] }],
  ['surrogate pairs at every position of a slice', { a: `x${'😀'.repeat(MEGABYTE)}`, b: '😀'.repeat(MEGABYTE) }],
  ['lone surrogates', { a: `${'x'.repeat(MEGABYTE - 1)}\ud800y\udc00` }],
  [
    'many messages',
    { messages: Array.from({ length: 200 }, (_, index) => ({ role: 'user', content: `${index}`.repeat(8_000) })) },
  ],
  ['many keys', Object.fromEntries(Array.from({ length: 6_000 }, (_, index) => [`k${index}`, index]))],
  ['keys that need escapes', { 'a"b': { 'c\n': 'x'.repeat(2 * MEGABYTE), '': 0.5 } }],
])('serializes %s in turns as JSON.stringify does', async (_case, value) => {
  const serializing = stringifyJson(value);
  expect(serializing).toBeInstanceOf(Promise);
  expect(String(await serializing) === JSON.stringify(value)).toBe(true);
});
