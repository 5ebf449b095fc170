import { describe, expect, it } from 'vitest';
import { languageOfFile, lineRangeOf } from './source-lines.ts';

describe('lineRangeOf', () => {
  it.each([
    ['L3', { first: 3, last: 3 }],
    ['L3-L5', { first: 3, last: 5 }],
    ['L5-L3', { first: 3, last: 5 }],
    ['L8-L99', { first: 8, last: 10 }],
    ['L11', undefined],
    ['L0', undefined],
    ['the-heading', undefined],
    ['', undefined],
  ])('reads %j in a file of ten lines as %j', (hash, range) => {
    expect(lineRangeOf(hash, 10)).toEqual(range);
  });
});

describe('languageOfFile', () => {
  it.each([
    ['packages/a/src/index.ts', 'typescript'],
    ['Makefile', 'makefile'],
    ['docs/examples/clients/codex.toml', 'ini'],
    ['docs/examples/clients/openai-client.py', 'python'],
    ['a.sql', 'sql'],
    ['LICENSE', 'license'],
  ])('highlights %s as %s', (path, language) => {
    expect(languageOfFile(path)).toBe(language);
  });
});
