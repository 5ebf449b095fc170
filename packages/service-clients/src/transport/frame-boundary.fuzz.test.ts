import { createSeededRandom, fuzzSettings, splitsOf, UNUSUAL_STREAMS } from '@prodigon/testing';
import { describe, expect, it } from 'vitest';
import { splitAtFrameBoundary } from './frame-boundary.ts';

const { seed, cases } = fuzzSettings({ cases: 50 });

async function read(parts: readonly Uint8Array[]): Promise<Buffer[]> {
  async function* body() {
    yield* parts;
  }
  const pieces: Buffer[] = [];
  for await (const bytes of splitAtFrameBoundary(body())) pieces.push(Buffer.from(bytes));
  return pieces;
}

/** Without the empty lines at the end, which nobody misses. */
const hexOf = (bytes: Buffer) => bytes.toString('hex').replace(/(0a)+$/, '');

describe.each(UNUSUAL_STREAMS)('the stream $name of another service', ({ name, bytes }) => {
  it('is passed on byte for byte in whole frames, however the network has cut it', async () => {
    const whole = Buffer.concat(await read([bytes]));
    expect(whole).toEqual(Buffer.from(bytes.subarray(0, whole.length)));
    for (const { name: cutting, parts } of splitsOf(bytes, createSeededRandom(seed, name), cases)) {
      const pieces = await read(parts);
      expect({ cutting, hex: hexOf(Buffer.concat(pieces)) }).toEqual({ cutting, hex: hexOf(whole) });
      for (const piece of pieces) expect(piece.subarray(-2).toString()).toBe('\n\n');
    }
  });
});
