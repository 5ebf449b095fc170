/** The same numbers for the same seed, on every machine. */
export interface SeededRandom {
  /** A whole number from 0 to `max`. */
  upTo(max: number): number;
  /** One of them; throws when there is none. */
  pick<Value>(values: readonly Value[]): Value;
  /** True once in so many times. */
  oneIn(times: number): boolean;
  bytes(length: number): Uint8Array;
}

/** `parts` name what the numbers are for, so that each case has its own and can be met again alone. */
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
      if (values.length === 0) throw new Error('There is nothing to pick from.');
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
