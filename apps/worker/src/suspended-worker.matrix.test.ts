import { echoOf, matrixOf } from '@prodigon/testing';
import { expect, it, vi } from 'vitest';
import { nameOf, useWorkerProcesses, WAIT } from './worker-process-harness.test-support.ts';

const harness = useWorkerProcesses();
const LEASE = { JOB_LEASE_MS: '2000' };

function releaseCalls(count: number): void {
  for (let released = 0; released < count; released += 1) harness.provider.gate.releaseOne();
}

const CELLS = [
  { items: 'items that another worker has completed', completed: 2 },
  { items: 'items that another worker has in flight', completed: 0 },
];

it.each(matrixOf(CELLS, ({ completed }) => completed > 0))(
  'rejects results of a worker that was suspended beyond its lease, for $items',
  async ({ completed }) => {
    const other = await harness.startWorker(LEASE);
    // The other worker is busy, so that the suspended one gets all items.
    const busy = await harness.submit(4, 'gated');
    await harness.called(busy, 4);
    const suspended = await harness.startOtherWorker(LEASE);
    const batch = await harness.submit(4, 'gated');
    await harness.called(batch, 4);

    suspended.kill('SIGSTOP');
    releaseCalls(4);
    await harness.ended(busy);
    await harness.called(batch, 8);
    // The responses for the suspended worker wait in its sockets.
    releaseCalls(4 + completed);
    await vi.waitFor(async () => expect((await harness.recorded(batch)).size).toBe(completed), WAIT);
    const before = await harness.items(batch);
    expect(before.map(({ worker, status }) => [worker, status]).sort()).toEqual([
      ...Array(4 - completed).fill([nameOf(other), 'running']),
      ...Array(completed).fill([nameOf(other), 'succeeded']),
    ]);

    // A worker that knows of its expired lease sends no results, so its renewal is blocked.
    await harness.withBlockedRenewal(suspended, async () => {
      suspended.kill('SIGCONT');
      await vi.waitFor(async () => expect(await harness.metric(suspended, 'job_writes_refused_total')).toBe(4), WAIT);
    });
    expect(await harness.items(batch)).toEqual(before);
    releaseCalls(4 - completed);
    expect(await harness.ended(batch)).toMatchObject({ status: 'completed', completed_prompts: 4, usage: { total_tokens: 32 } });
    expect(new Set((await harness.items(batch)).map(({ worker }) => worker))).toEqual(new Set([nameOf(other)]));
    expect((await harness.results(batch)).map(({ response }) => response?.body.text)).toEqual(batch.prompts.map(echoOf));
    expect(batch.calls()).toHaveLength(8);

    // The suspended worker has a new session and takes over from the other one.
    const next = await harness.submit(8, 'gated');
    await harness.called(next, 8);
    other.kill('SIGKILL');
    await other.exited;
    harness.provider.gate.open();
    await vi.waitFor(async () => expect((await harness.recorded(next)).size).toBe(8), WAIT);
    expect(await harness.metric(suspended, 'job_lease_expiries_total')).toBe(4);
  },
);
