import { describe, expect, it } from 'vitest';
import { exceedsJsonDepth, JSON_DEPTH_MAX } from './request-body.ts';

const nested = (levels: number) =>
  Buffer.from('[{"a":'.repeat(levels / 2) + '0'.padEnd(2 * JSON_DEPTH_MAX) + '}]'.repeat(levels / 2));

describe('exceedsJsonDepth', () => {
  it('accepts nesting up to the limit', () => {
    expect(exceedsJsonDepth(nested(JSON_DEPTH_MAX))).toBe(false);
    expect(exceedsJsonDepth(nested(JSON_DEPTH_MAX + 2))).toBe(true);
  });

  it.each([
    ['inside strings', `"${'['.repeat(3 * JSON_DEPTH_MAX)}"`],
    ['after escaped quotes', `"\\"\\\\\\"${'{'.repeat(3 * JSON_DEPTH_MAX)}\\\\"`],
    ['side by side', `[${'[],'.repeat(3 * JSON_DEPTH_MAX)}[]]`],
    ['inside an unterminated string', `"${'['.repeat(3 * JSON_DEPTH_MAX)}`],
  ])('ignores brackets %s', (_case, json) => {
    expect(exceedsJsonDepth(Buffer.from(json))).toBe(false);
  });

  it('detects nesting after a string that ends with a backslash', () => {
    expect(exceedsJsonDepth(Buffer.from(`["\\\\",${'['.repeat(3 * JSON_DEPTH_MAX)}`))).toBe(true);
  });

  it('accepts only nesting that JSON.stringify supports', () => {
    expect(JSON.stringify(JSON.parse(nested(JSON_DEPTH_MAX).toString()))).toContain('0');
  });
});
