import { byteSplits, checkProperty, everySplit, UNUSUAL_STREAMS } from '@prodigon/testing';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { splitAtFrameBoundary } from './sse-frames.ts';

async function read(parts: readonly Uint8Array[]): Promise<Buffer[]> {
  async function* body() {
    yield* parts;
  }
  const pieces: Buffer[] = [];
  for await (const bytes of splitAtFrameBoundary(body())) pieces.push(Buffer.from(bytes));
  return pieces;
}

/** Ignores the empty lines at the end, which carry no event. */
const hexOf = (bytes: Buffer) => bytes.toString('hex').replace(/(0a)+$/, '');

describe.each(UNUSUAL_STREAMS)('splitAtFrameBoundary with the stream $name', ({ bytes }) => {
  it('yields complete frames unchanged for every split of the stream', async () => {
    const whole = Buffer.concat(await read([bytes]));
    expect(whole).toEqual(Buffer.from(bytes.subarray(0, whole.length)));
    const check = async (parts: readonly Uint8Array[]) => {
      const pieces = await read(parts);
      expect(hexOf(Buffer.concat(pieces))).toBe(hexOf(whole));
      for (const piece of pieces) expect(piece.subarray(-2).toString()).toBe('\n\n');
    };
    for (const parts of everySplit(bytes)) await check(parts);
    await checkProperty({ cases: 50 }, fc.asyncProperty(byteSplits(bytes), check));
  });
});
