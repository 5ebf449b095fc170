import { describe, expect, it } from 'vitest';
import { exceedsJsonDepth, JSON_DEPTH_MAX } from './json-depth-limit.ts';

const nested = (levels: number) =>
  Buffer.from('[{"a":'.repeat(levels / 2) + '0'.padEnd(2 * JSON_DEPTH_MAX) + '}]'.repeat(levels / 2));

describe('a body', () => {
  it('may be nested up to a limit', () => {
    expect(exceedsJsonDepth(nested(JSON_DEPTH_MAX))).toBe(false);
    expect(exceedsJsonDepth(nested(JSON_DEPTH_MAX + 2))).toBe(true);
  });

  it.each([
    ['in its texts', `"${'['.repeat(3 * JSON_DEPTH_MAX)}"`],
    ['behind quotes that are part of a text', `"\\"\\\\\\"${'{'.repeat(3 * JSON_DEPTH_MAX)}\\\\"`],
    ['beside each other', `[${'[],'.repeat(3 * JSON_DEPTH_MAX)}[]]`],
    ['in a text that does not end', `"${'['.repeat(3 * JSON_DEPTH_MAX)}`],
  ])('may have any number of brackets %s', (_case, json) => {
    expect(exceedsJsonDepth(Buffer.from(json))).toBe(false);
  });

  it('is not hidden by the end of a text with a backslash', () => {
    expect(exceedsJsonDepth(Buffer.from(`["\\\\",${'['.repeat(3 * JSON_DEPTH_MAX)}`))).toBe(true);
  });

  it('that is nested as deep as it may be can be written again', () => {
    expect(JSON.stringify(JSON.parse(nested(JSON_DEPTH_MAX).toString()))).toContain('0');
  });
});
