/** Random numbers that depend only on the seed, on every machine. */
export interface SeededRandom {
  /** Returns a whole number from 0 to `max`. */
  upTo(max: number): number;
  /** Returns one of the values. Throws for an empty list. */
  pick<Value>(values: readonly Value[]): Value;
  /** Returns true once in `times` calls on average. */
  oneIn(times: number): boolean;
  bytes(length: number): Uint8Array;
}

/** Creates random numbers from a seed and the name of a test case, so that each case can be reproduced alone. */
export function createSeededRandom(...parts: readonly (string | number)[]): SeededRandom {
  let state = hashOf(parts.join('\n'));
  // Mulberry32, https://gist.github.com/tommyettinger/46a874533244883189143505d203312c
  const next = () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const upTo = (max: number) => Math.floor(next() * (max + 1));
  return {
    upTo,
    pick(values) {
      if (values.length === 0) throw new Error('The list of values is empty.');
      return values[upTo(values.length - 1)] as (typeof values)[number];
    },
    oneIn: (times) => upTo(times - 1) === 0,
    bytes: (length) => Uint8Array.from({ length }, () => upTo(255)),
  };
}

/** FNV-1a, http://www.isthe.com/chongo/tech/comp/fnv/ */
function hashOf(text: string): number {
  let hash = 0x811c9dc5;
  for (const byte of Buffer.from(text)) hash = Math.imul(hash ^ byte, 0x01000193);
  return hash;
}
