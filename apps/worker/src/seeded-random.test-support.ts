import { setImmediate } from 'node:timers/promises';
import { createSeededRandom, type FaultProvider, type SeededRandom } from '@prodigon/testing';
import { onTestFailed } from 'vitest';

const SEED_VARIABLE = 'PRODIGON_TEST_SEED';
/** Maximum turns of the event loop, about ten milliseconds, which is the duration of a transaction. */
const TURNS_MAX = 2_000;

/** Creates random numbers. A failed test prints their seed. Set PRODIGON_TEST_SEED to reproduce it. */
export function seededRandom(): SeededRandom {
  const seed = process.env[SEED_VARIABLE] ?? String(Math.floor(Math.random() * 2 ** 31));
  onTestFailed(() => void process.stderr.write(`Reproduce this failure with ${SEED_VARIABLE}=${seed}\n`));
  return createSeededRandom(seed);
}

/** Resolves at a random point of a running job: after a few events of the provider and turns of the event loop. */
export async function randomPoint(random: SeededRandom, provider: FaultProvider): Promise<void> {
  let events = random.upTo(5);
  const { promise, resolve } = Promise.withResolvers<void>();
  const unsubscribe = provider.subscribe(() => --events <= 0 && resolve());
  if (events === 0) resolve();
  await promise;
  unsubscribe();
  for (let turns = random.upTo(TURNS_MAX) - TURNS_MAX / 2; turns > 0; turns -= 1) await setImmediate();
}
