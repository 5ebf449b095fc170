import { expect, it, vi } from 'vitest';
import { nameOf, useWorkerProcesses, WAIT } from './worker-process-harness.test-support.ts';

const harness = useWorkerProcesses();
/** No lease expires during these tests, so that other workers receive only requeued items. */
const LONG_LEASE = { JOB_LEASE_MS: '3600000' };

async function openSessions(): Promise<unknown[]> {
  return (await harness.query('select name from worker.workers where ended_at is null')).map(({ name }) => name);
}

it('finishes and records the items in flight after SIGTERM, and exits with 0', async () => {
  const worker = await harness.startWorker(LONG_LEASE);
  const batch = await harness.submit(10, 'gated');
  await harness.called(batch, 4);
  worker.kill('SIGTERM');
  await vi.waitFor(() => expect(worker.output()).toContain('SIGTERM'), WAIT);
  harness.provider.gate.open();
  expect(await worker.exited).toEqual({ code: 0, signal: null });
  expect((await harness.recorded(batch)).size).toBe(4);
  expect(batch.calls()).toHaveLength(4);
  expect(await openSessions()).toEqual([]);

  await harness.startWorker(LONG_LEASE);
  expect(await harness.ended(batch)).toMatchObject({ status: 'completed', completed_prompts: 10 });
  expect(batch.calls()).toHaveLength(10);
});

it('requeues items that exceed the drain timeout, so that another worker continues with them', async () => {
  const worker = await harness.startWorker({ ...LONG_LEASE, DRAIN_TIMEOUT_MS: '300' });
  const batch = await harness.submit(4, 'gated');
  await harness.called(batch, 4);
  worker.kill('SIGTERM');
  expect(await worker.exited).toEqual({ code: 0, signal: null });
  await Promise.all(batch.calls().map(({ disconnected }) => disconnected));
  expect(await openSessions()).toEqual([]);

  harness.provider.gate.open();
  const next = await harness.startWorker(LONG_LEASE);
  expect(await harness.ended(batch)).toMatchObject({ status: 'completed', completed_prompts: 4 });
  for (const item of await harness.items(batch)) expect(item).toMatchObject({ attempts: 1, worker: nameOf(next) });
});
