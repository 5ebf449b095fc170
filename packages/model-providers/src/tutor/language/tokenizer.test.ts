import { describe, expect, it } from 'vitest';
import { isSearchable, splitWords, stemOf, stemSequence, stemsOf } from './tokenizer.ts';

describe('splitWords', () => {
  it.each([
    [
      'Keep-alive, please',
      [
        { word: 'keepalive', parts: ['keep', 'alive'] },
        { word: 'please', parts: [] },
      ],
    ],
    [
      'heapUsed gRPC PostgreSQL',
      [
        { word: 'heapused', parts: ['heap', 'used'] },
        { word: 'grpc', parts: [] },
        { word: 'postgresql', parts: [] },
      ],
    ],
    [
      "user's don’t",
      [
        { word: 'user', parts: [] },
        { word: 'dont', parts: [] },
      ],
    ],
    [
      'docs/main.ts max_tokens',
      [
        { word: 'docsmaints', parts: ['docs', 'main', 'ts'] },
        { word: 'maxtokens', parts: ['max', 'tokens'] },
      ],
    ],
    [
      'ｔｏｋｅｎ naïve',
      [
        { word: 'token', parts: [] },
        { word: 'naïve', parts: [] },
      ],
    ],
    ['?!', []],
  ])('splits %j', (text, words) => {
    expect(splitWords(text)).toMatchObject(words);
  });

  it('recognizes names in code', () => {
    const names = splitWords('STREAMS_MAX heapUsed keep-alive README').filter(({ isIdentifier }) => isIdentifier);
    expect(names.map(({ word }) => word)).toEqual(['streamsmax', 'heapused']);
  });
});

describe('stemOf', () => {
  it.each([
    ['caches', 'caching'],
    ['authorisation', 'authorization'],
    ['optimised', 'optimizes'],
    ['behaviour', 'behavior'],
    ['stolen', 'steals'],
    ['froze', 'freezing'],
    ['chosen', 'choices'],
    ['failures', 'failing'],
  ])('relates %s to %s', (one, other) => {
    expect(stemOf(one)).toBe(stemOf(other));
  });

  it.each(['is', 'as', 'h2', 'utf8s'])('keeps %s, which is short or has a digit', (word) => {
    expect(stemOf(word)).toBe(word);
  });

  it('stems words of three letters', () => {
    expect(stemOf('ads')).toBe('ad');
  });
});

describe('isSearchable', () => {
  it('accepts words of 2 to 40 letters that are no stop words', () => {
    expect(['a', 'go', 'x'.repeat(40), 'x'.repeat(41), 'the'].map(isSearchable)).toEqual([false, true, true, false, false]);
  });
});

it('indexes compounds as a whole and in parts', () => {
  expect(stemsOf('The keep-alive of connections')).toEqual(['keepal', 'keep', 'aliv', 'connect']);
});

it('returns the stems of all words in order, so that a term can be found in a text', () => {
  expect(stemSequence('The two-phase commits.')).toBe(' the two phase commit ');
});
