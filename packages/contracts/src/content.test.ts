import { expect, it } from 'vitest';
import { contentQuerySchema, readerPath } from './content.ts';

it.each([
  ['docs/README.md', undefined, '/read/docs/README.md'],
  ['docs/README.md', '', '/read/docs/README.md'],
  ['docs/README.md', 'tests', '/read/docs/README.md#tests'],
  ['docs/a b?#.md', undefined, '/read/docs/a%20b%3F%23.md'],
])('encodes the path of the page %s with the anchor %s as %s', (path, anchor, expected) => {
  expect(readerPath(path, anchor)).toBe(expected);
});

it('accepts paths of 1 to 1024 characters', () => {
  const paths = ['', 'a', 'a'.repeat(1_024), 'a'.repeat(1_025)];
  expect(paths.map((path) => contentQuerySchema.safeParse({ path }).success)).toEqual([false, true, true, false]);
});
