import { describe, expect, it } from 'vitest';
import { continueTrace } from './request-log.ts';

const TRACE = '0af7651916cd43dd8448eb211c80319c';
const PARENT = 'b7ad6b7169203331';

describe('continueTrace', () => {
  it('keeps the trace and starts a new span', () => {
    const [version, trace, span, flags] = continueTrace(`00-${TRACE}-${PARENT}-00`).split('-');
    expect([version, trace, flags]).toEqual(['00', TRACE, '00']);
    expect(span).toMatch(/^[0-9a-f]{16}$/);
    expect(span).not.toBe(PARENT);
  });

  it.each([
    undefined,
    '',
    'nonsense',
    `00-${'0'.repeat(32)}-${PARENT}-01`,
    `00-${TRACE}-${'0'.repeat(16)}-01`,
    `99-${TRACE}-${PARENT}-01`,
  ])('starts a new trace when the incoming header is %s', (incoming) =>
    expect(continueTrace(incoming)).toMatch(/^00-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-01$/),
  );

  it('returns unique ids for many requests', () => {
    const ids = Array.from({ length: 10_000 }, () => continueTrace(undefined));
    expect(new Set(ids).size).toBe(ids.length);
  });
});
