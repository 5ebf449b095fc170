import { onTestFailed } from 'vitest';

const SEED_VARIABLE = 'PRODIGON_TEST_SEED';

export interface SeededRandom {
  /** A whole number from 0 to `max`. */
  upTo(max: number): number;
}

/** Random numbers that a failing test names the seed of; give it back in PRODIGON_TEST_SEED to meet them again. */
export function seededRandom(): SeededRandom {
  const seed = Number(process.env[SEED_VARIABLE] ?? Math.floor(Math.random() * 2 ** 31));
  onTestFailed(() => void process.stderr.write(`Repeat it with ${SEED_VARIABLE}=${seed}\n`));
  let state = seed;
  // Mulberry32, https://gist.github.com/tommyettinger/46a874533244883189143505d203312c
  const next = () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  return { upTo: (max) => Math.floor(next() * (max + 1)) };
}
