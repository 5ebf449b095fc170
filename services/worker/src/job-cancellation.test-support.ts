import { echoOf } from '@prodigon/testing';
import { expect } from 'vitest';
import type { Batch, startWorkerHarness } from './worker-harness.test-support.ts';

type Harness = Awaited<ReturnType<typeof startWorkerHarness>>;

const STARTS_WITHIN_MS = 1_000;

/**
 * Expects the job to end as cancelled with all results kept, none lost or counted twice. Then makes the workers process
 * another job. Expects no call of the cancelled job after its end, or more than one second after the cancellation.
 */
export async function expectCancelled(
  { provider, waitForEnd, results, submit, callsOf }: Harness,
  batch: Batch,
  cancelledAt: number,
) {
  const job = await waitForEnd(batch);
  const endedAt = performance.now();
  const lines = await results(batch);
  const succeeded = lines.filter(({ response }) => response !== null);
  expect(job).toMatchObject({
    status: 'cancelled',
    cancelling: false,
    completed_prompts: succeeded.length,
    cancelled_prompts: batch.prompts.length - succeeded.length,
    failed_prompts: 0,
    running_prompts: 0,
  });
  expect(lines).toHaveLength(batch.prompts.length);
  for (const { index, response } of succeeded) expect(response?.body.text).toBe(echoOf(batch.prompts[index] ?? ''));
  provider.gate.open();
  expect(await waitForEnd(await submit(8, 'slow_1'))).toMatchObject({ status: 'completed' });
  const latest = Math.min(endedAt, cancelledAt + STARTS_WITHIN_MS);
  expect(callsOf(batch).filter(({ at }) => at > latest)).toEqual([]);
}
