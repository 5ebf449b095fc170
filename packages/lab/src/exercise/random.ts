/** A reproducible source of inputs. The same seed gives the same values on every machine. */
export interface Random {
  /** From 0 (inclusive) to 1 (exclusive). */
  fraction(): number;
  /** An integer; both bounds are inclusive. */
  integer(min: number, max: number): number;
  isTrue(probability?: number): boolean;
  pick<T>(values: readonly [T, ...T[]] | readonly T[]): T;
  /** The values in random order. */
  shuffle<T>(values: readonly T[]): T[];
  /** Lower-case words, separated by spaces. */
  words(count: number): string;
}

const LETTERS = 'abcdefghijklmnopqrstuvwxyz';
const SEEDS = 2 ** 31;

/** Mixes the bits of a 32-bit integer (the finalizer of MurmurHash3). */
function mix(value: number): number {
  let bits = value | 0;
  bits = Math.imul(bits ^ (bits >>> 16), 0x85ebca6b);
  bits = Math.imul(bits ^ (bits >>> 13), 0xc2b2ae35);
  return (bits ^ (bits >>> 16)) >>> 0;
}

/** Returns the seed of a case. The first case has the seed of the run, so that the seed of any case replays it. */
export function deriveSeed(seed: number, caseIndex: number): number {
  return caseIndex === 0 ? seed : mix(mix(seed) + caseIndex) % SEEDS;
}

/** Creates a generator (mulberry32). `stream` separates generators with the same seed, e.g. those of two checks. */
export function createRandom(seed: number, stream = ''): Random {
  let state = [...stream].reduce((hash, letter) => mix(hash + letter.charCodeAt(0)), mix(seed));
  const fraction = () => {
    state = (state + 0x6d2b79f5) | 0;
    let bits = Math.imul(state ^ (state >>> 15), state | 1);
    bits ^= bits + Math.imul(bits ^ (bits >>> 7), bits | 61);
    return ((bits ^ (bits >>> 14)) >>> 0) / 2 ** 32;
  };
  const integer = (min: number, max: number) => min + Math.floor(fraction() * (max - min + 1));
  const pick = <T>(values: readonly T[]): T => {
    if (values.length === 0) throw new RangeError('There is nothing to pick from.');
    return values[integer(0, values.length - 1)] as T;
  };
  return {
    fraction,
    integer,
    isTrue: (probability = 0.5) => fraction() < probability,
    pick,
    shuffle: (values) => {
      const keyed = values.map((value) => ({ value, key: fraction() }));
      return keyed.sort((left, right) => left.key - right.key).map(({ value }) => value);
    },
    words: (count) =>
      Array.from({ length: count }, () => Array.from({ length: integer(2, 9) }, () => LETTERS[integer(0, 25)]).join('')).join(
        ' ',
      ),
  };
}
