import { expect, it } from 'vitest';
import { readFileName } from './response-headers.ts';

it.each([
  ['attachment; filename=a.md', 'a.md'],
  ['attachment; filename="a \\"b\\".md"', 'a "b".md'],
  ['attachment; filename="?.md"; filename*=UTF-8\'\'%C3%84.md', 'Ä.md'],
  ['attachment', null],
])('reads the file name of %s', (header, name) => {
  expect(readFileName(new Headers({ 'content-disposition': header }))).toBe(name);
  expect(readFileName(new Headers())).toBeNull();
});
