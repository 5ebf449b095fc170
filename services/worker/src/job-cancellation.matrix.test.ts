import { createSeededRandom, matrixOf } from '@prodigon/testing';
import { it, onTestFailed } from 'vitest';
import { expectCancelled } from './job-cancellation.test-support.ts';
import { startWorkerHarness } from './worker-harness.test-support.ts';

const SEED_VARIABLE = 'PRODIGON_TEST_SEED';
const [FEW_ROUNDS, MANY_ROUNDS] = [3, 10];

it.each(matrixOf([FEW_ROUNDS, MANY_ROUNDS], (rounds) => rounds === FEW_ROUNDS))(
  'ends cancelled jobs whose items two workers claim, and starts no item more than one second later, %i times',
  async (rounds) => {
    const seed = process.env[SEED_VARIABLE] ?? String(Math.floor(Math.random() * 2 ** 31));
    onTestFailed(() => void process.stderr.write(`Reproduce with ${SEED_VARIABLE}=${seed}\n`));
    const random = createSeededRandom(seed);
    const harness = await startWorkerHarness();
    harness.startWorker('worker-1');
    harness.startWorker('worker-2');
    for (let round = 0; round < rounds; round += 1) {
      const batch = await harness.submit(100, 'slow_100');
      await harness.waitForCalls(batch, random.upTo(12));
      await harness.cancel(batch);
      await expectCancelled(harness, batch, performance.now());
    }
  },
);
