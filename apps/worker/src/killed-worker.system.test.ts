import { expect, it, vi } from 'vitest';
import { useWorkerProcesses, WAIT } from './worker-process-harness.test-support.ts';

const harness = useWorkerProcesses();

it('continues a job after a crash of its worker long before the lease ends, and repeats only the calls in flight', async () => {
  const env = { JOB_LEASE_MS: '3600000' };
  const worker = await harness.startWorker(env);
  const batch = await harness.submit(12, 'gated');
  await harness.called(batch, 4);
  worker.kill('SIGKILL');
  await worker.exited;
  const inFlight = new Set(batch.calls().map(({ prompt }) => prompt));
  harness.provider.gate.open();
  await harness.startWorker(env);
  await harness.expectComplete(batch);
  for (const prompt of batch.prompts)
    expect(batch.calls().filter((call) => call.prompt === prompt)).toHaveLength(inFlight.has(prompt) ? 2 : 1);
});

it('completes a job of the memory queue after a crash of the worker, and repeats no call with a recorded result', async () => {
  const env = { QUEUE_TYPE: 'memory' };
  const worker = await harness.startWorker(env);
  const batch = await harness.submit(40, 'gated');
  await harness.called(batch, 4);
  harness.provider.gate.releaseOne();
  await vi.waitFor(async () => expect((await harness.recorded(batch)).size).toBe(1), WAIT);
  await harness.called(batch, 5);
  worker.kill('SIGKILL');
  await worker.exited;
  const recorded = await harness.recorded(batch);
  const callsBefore = batch.calls().length;
  harness.provider.gate.open();
  await harness.startWorker(env);
  await harness.expectComplete(batch);
  const calledLater = batch.calls().slice(callsBefore);
  expect(calledLater.filter(({ prompt }) => recorded.has(prompt))).toEqual([]);
  expect(batch.calls()).toHaveLength(44);
});
