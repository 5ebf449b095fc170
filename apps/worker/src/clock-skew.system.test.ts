import { join } from 'node:path';
import type { RunningApp } from '@prodigon/testing';
import { expect, it, vi } from 'vitest';
import { nameOf, useWorkerProcesses, WAIT } from './worker-process-harness.test-support.ts';

const harness = useWorkerProcesses();
const LEASE_MS = 2_000;
const HOUR_MS = 3_600_000;

/** Starts a worker whose clock is wrong. */
async function startSkewedWorker(shiftMs: number): Promise<RunningApp> {
  const worker = await harness.startOtherWorker({
    NODE_OPTIONS: `--import=${join(import.meta.dirname, 'shifted-clock.test-support.ts')}`,
    TEST_CLOCK_SHIFT_MS: String(shiftMs),
    JOB_LEASE_MS: String(LEASE_MS),
  });
  const loggedTime = () => new Date(Date.now() + shiftMs).toISOString().slice(0, 13);
  await vi.waitFor(() => expect(worker.output()).toContain(loggedTime()), WAIT);
  return worker;
}

async function lastSeen(worker: RunningApp): Promise<number> {
  const [row] = await harness.query('select seen_at from worker.workers where name = $1', [nameOf(worker)]);
  return (row?.seen_at as Date | undefined)?.getTime() ?? 0;
}

it('takes no items from other workers, and loses its own after a crash, when its clock is an hour ahead or behind', async () => {
  const holder = await harness.startWorker({ JOB_LEASE_MS: String(LEASE_MS) });
  const batch = await harness.submit(4, 'gated');
  await harness.called(batch, 4);
  const skewed = await Promise.all([startSkewedWorker(HOUR_MS), startSkewedWorker(-HOUR_MS)]);

  // Both workers sweep several times during three leases.
  const firstSeen = await Promise.all(
    skewed.map((worker) =>
      vi.waitFor(async () => {
        const at = await lastSeen(worker);
        expect(at).toBeGreaterThan(0);
        return at;
      }, WAIT),
    ),
  );
  for (const [index, worker] of skewed.entries()) {
    const from = firstSeen[index] ?? 0;
    await vi.waitFor(async () => expect(await lastSeen(worker)).toBeGreaterThan(from + 3 * LEASE_MS), WAIT);
    expect(await harness.metric(worker, 'job_lease_expiries_total')).toBe(0);
  }
  expect(batch.calls()).toHaveLength(4);

  // The skewed workers hold four prompts each, because the holder has no capacity left.
  const others = await harness.submit(8, 'gated');
  await harness.called(others, 8);
  for (const worker of skewed) worker.kill('SIGKILL');
  await Promise.all(skewed.map(({ exited }) => exited));
  harness.provider.gate.open();
  await vi.waitFor(async () => expect((await harness.recorded(others)).size).toBe(8), WAIT);
  expect((await harness.recorded(batch)).size).toBe(4);
  expect(batch.calls()).toHaveLength(4);
  expect(others.calls()).toHaveLength(16);
  expect(await harness.metric(holder, 'job_lease_expiries_total')).toBe(8);
});
