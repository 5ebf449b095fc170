import { matrixOf } from '@prodigon/testing';
import { expect, it, vi } from 'vitest';
import { useWorkerProcesses, WAIT } from './worker-process-harness.test-support.ts';

const harness = useWorkerProcesses();
const STARTS_WITHIN_MS = 1_000;

const CELLS = [
  { lease: 'with a valid lease', leaseMs: '60000' },
  { lease: 'with an expired lease', leaseMs: '1000' },
];

it.each(matrixOf(CELLS, ({ lease }) => lease === 'with a valid lease'))(
  'starts no item of a job that was cancelled while the worker was suspended, when it resumes $lease',
  async ({ leaseMs }) => {
    await (await harness.startWorker()).close();
    const suspended = await harness.startOtherWorker({ JOB_LEASE_MS: leaseMs });
    const other = await harness.startWorker({ JOB_CONCURRENCY: '1' });
    const batch = await harness.submit(3_000, 'gated');
    await harness.prefetched(suspended, batch, 4 + 1);
    suspended.kill('SIGSTOP');
    await harness.api.jobs.cancel(batch.jobId);
    const cancelledAt = performance.now();
    await vi.waitFor(() => expect(performance.now() - cancelledAt).toBeGreaterThan(STARTS_WITHIN_MS), WAIT);
    // The responses in its sockets free capacity on which it could start prefetched items.
    harness.provider.gate.open();
    suspended.kill('SIGCONT');
    const job = await harness.ended(batch);
    const lines = await harness.results(batch);
    const succeeded = lines.filter(({ response }) => response !== null).length;
    expect(lines).toHaveLength(3_000);
    expect(job).toMatchObject({
      status: 'cancelled',
      cancelling: false,
      completed_prompts: succeeded,
      cancelled_prompts: 3_000 - succeeded,
      failed_prompts: 0,
      running_prompts: 0,
    });
    // Both workers process another job before the check.
    expect(await harness.ended(await harness.submit(8, 'slow_1'))).toMatchObject({ status: 'completed' });
    expect(batch.calls().filter(({ at }) => at > cancelledAt + STARTS_WITHIN_MS)).toEqual([]);
    expect(await Promise.race([suspended.exited, other.exited, 'running'])).toBe('running');
  },
);
