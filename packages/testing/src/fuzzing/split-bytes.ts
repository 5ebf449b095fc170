import type { SeededRandom } from './seeded-random.ts';

/** Bytes split into chunks, as a network may deliver them. */
export interface ByteSplit {
  /** E.g. `at 17`. */
  readonly name: string;
  readonly parts: readonly Uint8Array[];
}

/** Yields the bytes split in two at every offset, byte by byte, and at random offsets. Some chunks are empty. */
export function* splitsOf(bytes: Uint8Array, random: SeededRandom, randomSplits = 50): Generator<ByteSplit> {
  for (let offset = 0; offset <= bytes.length; offset++) yield { name: `at ${offset}`, parts: splitAt(bytes, [offset]) };
  yield { name: 'byte by byte', parts: splitAt(bytes, Array.from(bytes.keys())) };
  for (let count = 0; count < randomSplits; count++) {
    const offsets = randomOffsets(bytes.length, random);
    yield { name: `at ${offsets.join()}`, parts: splitAt(bytes, offsets) };
  }
}

/** Returns one to nine offsets in ascending order. A repeated offset results in an empty chunk. */
export function randomOffsets(length: number, random: SeededRandom): number[] {
  return Array.from({ length: 1 + random.upTo(8) }, () => random.upTo(length)).sort((a, b) => a - b);
}

/** Splits bytes at offsets. Copies them, so that no reader can access bytes outside its chunk. */
export function splitAt(bytes: Uint8Array, offsets: readonly number[]): Uint8Array[] {
  return [0, ...offsets].map((from, index) => bytes.slice(from, offsets[index]));
}
