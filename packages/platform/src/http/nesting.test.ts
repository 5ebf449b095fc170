import { describe, expect, it } from 'vitest';
import { isNestedTooDeep, LEVELS_MAX } from './nesting.ts';

const nested = (levels: number) =>
  Buffer.from('[{"a":'.repeat(levels / 2) + '0'.padEnd(2 * LEVELS_MAX) + '}]'.repeat(levels / 2));

describe('a body', () => {
  it('may be nested up to a limit', () => {
    expect(isNestedTooDeep(nested(LEVELS_MAX))).toBe(false);
    expect(isNestedTooDeep(nested(LEVELS_MAX + 2))).toBe(true);
  });

  it.each([
    ['in its texts', `"${'['.repeat(3 * LEVELS_MAX)}"`],
    ['behind quotes that are part of a text', `"\\"\\\\\\"${'{'.repeat(3 * LEVELS_MAX)}\\\\"`],
    ['beside each other', `[${'[],'.repeat(3 * LEVELS_MAX)}[]]`],
    ['in a text that does not end', `"${'['.repeat(3 * LEVELS_MAX)}`],
  ])('may have any number of brackets %s', (_case, json) => {
    expect(isNestedTooDeep(Buffer.from(json))).toBe(false);
  });

  it('is not hidden by the end of a text with a backslash', () => {
    expect(isNestedTooDeep(Buffer.from(`["\\\\",${'['.repeat(3 * LEVELS_MAX)}`))).toBe(true);
  });

  it('that is nested as deep as it may be can be written again', () => {
    expect(JSON.stringify(JSON.parse(nested(LEVELS_MAX).toString()))).toContain('0');
  });
});
