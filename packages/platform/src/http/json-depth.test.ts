import { describe, expect, it } from 'vitest';
import { isDeeperThan } from './json-depth.ts';

const bytes = (json: string) => Buffer.from(json);
const nest = (levels: number, inside = '') => '['.repeat(levels) + inside + ']'.repeat(levels);

describe('the levels of JSON', () => {
  it.each([
    ['as many as allowed', nest(10)],
    ['allowed ones beside each other', `[${Array(100).fill(nest(9)).join()}]`],
    ['brackets in a text', `["${'['.repeat(100)}"]`],
    ['brackets behind a quotation mark in a text', `["a\\"${'{'.repeat(100)}\\\\"]`],
  ])('are not too many with %s', (_what, json) => {
    expect(isDeeperThan(10, bytes(json))).toBe(false);
  });

  it.each([
    ['one more than allowed', nest(11)],
    ['objects and arrays in turns', `${'[{"a":'.repeat(6)}1${'}]'.repeat(6)}`],
    ['what never ends', '['.repeat(30)],
    ['a text that ends with a backslash before them', `["\\\\",${nest(10)}]`],
  ])('are too many with %s', (_what, json) => {
    expect(isDeeperThan(10, bytes(json))).toBe(true);
  });
});
