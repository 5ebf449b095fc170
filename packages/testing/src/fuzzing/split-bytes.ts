import type { SeededRandom } from './seeded-random.ts';

/** The same bytes in other pieces, as a network may deliver them. */
export interface ByteSplit {
  /** E.g. `at 17`. */
  readonly name: string;
  readonly parts: readonly Uint8Array[];
}

/** In two at every byte, byte by byte, and in random pieces, some of them empty. */
export function* splitsOf(bytes: Uint8Array, random: SeededRandom, randomCuttings = 50): Generator<ByteSplit> {
  for (let cut = 0; cut <= bytes.length; cut++) yield { name: `at ${cut}`, parts: splitAt(bytes, [cut]) };
  yield { name: 'byte by byte', parts: splitAt(bytes, Array.from(bytes.keys())) };
  for (let count = 0; count < randomCuttings; count++) {
    const cuts = randomOffsets(bytes.length, random);
    yield { name: `at ${cuts.join()}`, parts: splitAt(bytes, cuts) };
  }
}

/** Where to cut, in order; a place that comes twice makes an empty piece. */
export function randomOffsets(length: number, random: SeededRandom): number[] {
  return Array.from({ length: 1 + random.upTo(8) }, () => random.upTo(length)).sort((one, other) => one - other);
}

/** Copies, so that no reader can look beyond its piece. */
export function splitAt(bytes: Uint8Array, cuts: readonly number[]): Uint8Array[] {
  return [0, ...cuts].map((from, index) => bytes.slice(from, cuts[index]));
}
