import { createSeededRandom, type SeededRandom } from '@prodigon/testing';
import { onTestFailed } from 'vitest';

const SEED_VARIABLE = 'PRODIGON_TEST_SEED';

/** Random numbers that a failing test names the seed of; give it back in PRODIGON_TEST_SEED to meet them again. */
export function seededRandom(): SeededRandom {
  const seed = process.env[SEED_VARIABLE] ?? String(Math.floor(Math.random() * 2 ** 31));
  onTestFailed(() => void process.stderr.write(`Repeat it with ${SEED_VARIABLE}=${seed}\n`));
  return createSeededRandom(seed);
}
