import { expect, it, vi } from 'vitest';
import { useJobWorld, WAIT } from './worker-harness.test-support.ts';

const world = useJobWorld();
const FAILURES_IN_A_ROW = 50;
const CONCURRENCY = 4;

it('while the model service is away a job waits, and none of its prompts fails', async () => {
  const worker = await world.startWorker();
  const batch = await world.submit(20, 'gated');
  await world.asked(batch, CONCURRENCY);
  await world.model.close();
  await vi.waitFor(() => expect(worker.output()).toContain('The model service cannot be reached'), WAIT);
  // It has tried again, and waits longer.
  await vi.waitFor(() => expect(worker.output()).toContain('batch jobs wait 1 s'), WAIT);
  expect(await world.api.jobs.get(batch.jobId)).toMatchObject({ status: 'running', completed_prompts: 0, failed_prompts: 0 });

  world.provider.gate.open();
  await world.startModel();
  expect(await world.ended(batch)).toMatchObject({ status: 'completed', completed_prompts: 20, failed_prompts: 0 });
  expect(batch.calls()).toHaveLength(20 + CONCURRENCY);
});

it('a job whose provider refuses our key asks no prompt twice and is stopped after fifty failures in a row', async () => {
  await world.startWorker();
  const batch = await world.submit(200, 'status_401');
  const job = await world.ended(batch);
  expect(job).toMatchObject({
    status: 'failed',
    failed_prompts: 200,
    completed_prompts: 0,
    error: expect.stringMatching(
      /^Stopped after \d+ failures in a row\. No prompt was answered\. The last error: The model provider refused the platform's key\.$/,
    ),
  });
  const prompts = batch.calls().map(({ prompt }) => prompt);
  expect(new Set(prompts).size).toBe(prompts.length);
  // Several are written down at once, and others end meanwhile.
  const failuresInARow = Number(/after (\d+) failures/.exec(job.error ?? '')?.[1]);
  expect(failuresInARow).toBeGreaterThanOrEqual(FAILURES_IN_A_ROW);
  expect(failuresInARow).toBeLessThanOrEqual(prompts.length);
  expect(prompts.length).toBeLessThan(200);
  const halted = (await world.items(batch)).filter(({ error }) => error?.code === 'JOB_HALTED');
  expect(halted).toHaveLength(200 - prompts.length);
  for (const { attempts } of halted) expect(attempts).toBe(0);
});

it('a provider that asks for two seconds gets them before each prompt is tried again', async () => {
  await world.startWorker();
  const batch = await world.submit(8, 'limited_once_2');
  expect(await world.ended(batch)).toMatchObject({ status: 'completed', completed_prompts: 8 });
  expect(batch.calls()).toHaveLength(16);
  for (const prompt of batch.prompts) {
    const [first, second] = batch.calls().filter((call) => call.prompt === prompt);
    expect((second?.at ?? 0) - (first?.at ?? 0)).toBeGreaterThanOrEqual(2_000);
  }
  for (const { attempts } of await world.items(batch)) expect(attempts).toBe(2);
});

it('a prompt that always fails is asked three times in all', async () => {
  await world.startWorker();
  const batch = await world.submit(3, 'status_500');
  expect(await world.ended(batch)).toMatchObject({ status: 'failed', failed_prompts: 3 });
  for (const prompt of batch.prompts) expect(batch.calls().filter((call) => call.prompt === prompt)).toHaveLength(3);
});

it('an attempt of a prompt is one call of the provider, which the prompt’s own count tells', async () => {
  await world.startWorker();
  const batch = await world.submit(3, 'flaky_1_503');
  expect(await world.ended(batch)).toMatchObject({ status: 'completed', completed_prompts: 3 });
  expect(batch.calls()).toHaveLength(6);
  for (const { attempts } of await world.items(batch)) expect(attempts).toBe(2);
});
