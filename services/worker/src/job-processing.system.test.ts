import { echoOf } from '@prodigon/testing';
import { expect, it, vi } from 'vitest';
import { createRetryPolicy } from './index.ts';
import { startWorkerHarness, WAIT } from './worker-harness.test-support.ts';

const CONSECUTIVE_FAILURES_MAX = 50;
const ATTEMPTS_MAX = 3;

it('shares a job between two workers without calling the provider twice for a prompt', async () => {
  const { startWorker, submit, waitForEnd, callsOf, items } = await startWorkerHarness();
  startWorker('worker-1');
  startWorker('worker-2');
  const batch = await submit(100, 'slow_20');
  expect(await waitForEnd(batch)).toMatchObject({ status: 'completed', completed_prompts: 100, usage: { total_tokens: 800 } });
  const called = callsOf(batch).map(({ prompt }) => prompt);
  expect(called.toSorted()).toEqual(batch.prompts.toSorted());
  const all = await items(batch);
  expect(new Set(all.map(({ worker }) => worker))).toEqual(new Set(['worker-1', 'worker-2']));
  expect(all.map(({ output }) => output)).toEqual(batch.prompts.map(echoOf));
});

it('keeps a job waiting while the model service is unreachable, and fails none of its prompts', async () => {
  const { provider, modelServer, startModelServer, startWorker, submit, waitForCalls, waitForEnd, callsOf, get } =
    await startWorkerHarness();
  provider.gate.close();
  const worker = startWorker('worker-1', { concurrency: 4 });
  const batch = await submit(20, 'gated');
  await waitForCalls(batch, 4);
  await modelServer.close();
  await vi.waitFor(() => expect(worker.output()).toContain('The model service is unreachable'), WAIT);
  // The second backoff is twice as long as the first.
  await vi.waitFor(() => expect(worker.output()).toContain('"backoffMs":1000'), WAIT);
  expect(await get(batch)).toMatchObject({ status: 'running', completed_prompts: 0, failed_prompts: 0 });

  provider.gate.open();
  await startModelServer(Number(new URL(modelServer.baseUrl).port));
  expect(await waitForEnd(batch)).toMatchObject({ status: 'completed', completed_prompts: 20, failed_prompts: 0 });
  expect(callsOf(batch)).toHaveLength(20 + 4);
});

it('keeps a job waiting during an outage of the provider that is longer than the attempts of its prompts', async () => {
  const breaker = { failuresMax: 5, openMs: 1, openMsMax: 1 };
  const { provider, startWorker, submit, waitForCalls, waitForEnd, get } = await startWorkerHarness({ breaker });
  provider.health = 'down';
  startWorker('worker-1', { concurrency: 4 });
  const batch = await submit(4, 'down_then_up');
  await waitForCalls(batch, 4 * ATTEMPTS_MAX + 8);
  expect(await get(batch)).toMatchObject({ completed_prompts: 0, failed_prompts: 0 });

  provider.health = 'up';
  expect(await waitForEnd(batch)).toMatchObject({ status: 'completed', completed_prompts: 4, failed_prompts: 0 });
});

it('ends a job whose model is out for too long, with the reason', async () => {
  const breaker = { failuresMax: 5, openMs: 1, openMsMax: 1 };
  const { startWorker, submit, waitForEnd } = await startWorkerHarness({ breaker });
  startWorker('worker-1', { retry: createRetryPolicy({ firstDelayMs: 1, outageMsMax: 50 }) });
  expect(await waitForEnd(await submit(8, 'status_500'))).toMatchObject({
    status: 'failed',
    failed_prompts: 8,
    error: expect.stringMatching(/^No prompt succeeded\. Last error: .+ The model has not responded for 0 minutes\.$/),
  });
});

it('aborts a job after fifty consecutive failures, and attempts no prompt twice when the provider refuses the key', async () => {
  const { startWorker, submit, waitForEnd, callsOf, items } = await startWorkerHarness();
  startWorker();
  const batch = await submit(200, 'status_401');
  const job = await waitForEnd(batch);
  expect(job).toMatchObject({ status: 'failed', failed_prompts: 200, completed_prompts: 0 });
  const [, failures, lastError] =
    /^Stopped after (\d+) failures in a row\. No prompt succeeded\. Last error: (.+)$/.exec(job.error ?? '') ?? [];
  expect(lastError).toMatch(/key/);
  const prompts = callsOf(batch).map(({ prompt }) => prompt);
  expect(new Set(prompts).size).toBe(prompts.length);
  expect(prompts.length).toBeLessThan(200);
  // Results are recorded in batches, so a few more than fifty prompts may fail.
  expect(Number(failures)).toBeGreaterThanOrEqual(CONSECUTIVE_FAILURES_MAX);
  expect(Number(failures)).toBeLessThanOrEqual(prompts.length);
  const skipped = (await items(batch)).filter(({ error }) => error?.code === 'JOB_HALTED');
  expect(skipped).toHaveLength(200 - prompts.length);
  for (const { attempts } of skipped) expect(attempts).toBe(0);
});

it('waits for the Retry-After of the provider before it retries a prompt', async () => {
  const { startWorker, submit, waitForEnd, callsOf, items } = await startWorkerHarness();
  startWorker();
  const batch = await submit(8, 'limited_once_2');
  expect(await waitForEnd(batch)).toMatchObject({ status: 'completed', completed_prompts: 8 });
  const calls = callsOf(batch);
  expect(calls).toHaveLength(16);
  for (const prompt of batch.prompts) {
    const [first, second] = calls.filter((call) => call.prompt === prompt);
    expect((second?.at ?? 0) - (first?.at ?? 0)).toBeGreaterThanOrEqual(2_000);
  }
  for (const { attempts } of await items(batch)) expect(attempts).toBe(2);
});

it('fails a prompt after three attempts', async () => {
  const { startWorker, submit, waitForEnd, callsOf } = await startWorkerHarness();
  startWorker();
  const batch = await submit(3, 'status_500');
  expect(await waitForEnd(batch)).toMatchObject({ status: 'failed', failed_prompts: 3 });
  for (const prompt of batch.prompts) expect(callsOf(batch).filter((call) => call.prompt === prompt)).toHaveLength(3);
});

it('makes one provider call for each attempt of a prompt', async () => {
  const { startWorker, submit, waitForEnd, callsOf, items } = await startWorkerHarness();
  startWorker();
  const batch = await submit(3, 'flaky_1_503');
  expect(await waitForEnd(batch)).toMatchObject({ status: 'completed', completed_prompts: 3 });
  expect(callsOf(batch)).toHaveLength(6);
  for (const { attempts } of await items(batch)) expect(attempts).toBe(2);
});
