import { setImmediate } from 'node:timers/promises';
import { createSeededRandom, type FaultProvider, type SeededRandom } from '@prodigon/testing';
import { onTestFailed } from 'vitest';

const SEED_VARIABLE = 'PRODIGON_TEST_SEED';
/** Takes up to about ten milliseconds: the time of a transaction. */
const TURNS_MAX = 2_000;

/** Creates random numbers. A failed test prints their seed; set PRODIGON_TEST_SEED to repeat it. */
export function seededRandom(): SeededRandom {
  const seed = process.env[SEED_VARIABLE] ?? String(Math.floor(Math.random() * 2 ** 31));
  onTestFailed(() => void process.stderr.write(`Repeat it with ${SEED_VARIABLE}=${seed}\n`));
  return createSeededRandom(seed);
}

/** Resolves at a random point of a running job: after a few events of the provider and turns of the event loop. */
export async function randomPoint(random: SeededRandom, provider: FaultProvider): Promise<void> {
  let events = random.upTo(5);
  const { promise, resolve } = Promise.withResolvers<void>();
  const stop = provider.watch(() => --events <= 0 && resolve());
  if (events === 0) resolve();
  await promise;
  stop();
  for (let turns = random.upTo(TURNS_MAX) - TURNS_MAX / 2; turns > 0; turns -= 1) await setImmediate();
}
