import { matrixOf } from '@prodigon/testing';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { eventually } from './harness.test-support.ts';
import { countOf, questions, simulated, submit, untilJobIs } from './jobs.test-support.ts';
import { usePage } from './shared-page.test-support.ts';
import { type SupervisedStack, startSupervisedStack } from './supervised-stack.test-support.ts';

let stack: SupervisedStack;
beforeAll(async () => {
  stack = await startSupervisedStack({ JOB_CONCURRENCY: '4', JOB_LEASE_MS: '2000' });
});
afterAll(() => stack?.close());

it.each(matrixOf(['worker', 'gateway'], (name) => name === 'worker'))(
  'completes a job after a killed %s, while the web UI keeps its data and reconnects',
  async (name) => {
    const { url, client, kill } = stack;
    const page = await usePage();
    const job = await submit(url, { name: 'Restart', model: simulated({ ttft_ms: 300 }), prompts: questions(100) });
    await page.goto(`${url}/jobs/${job.job_id}`);
    await eventually(() => countOf(page, 'succeeded')).toBeGreaterThan(5);

    await kill(name);
    await page.getByText(/Reconnecting/).waitFor();
    expect(await countOf(page, 'succeeded')).toBeGreaterThan(5);
    await page.getByText(/Reconnecting/).waitFor({ state: 'detached' });
    await untilJobIs(page, 'completed');
    expect(await countOf(page, 'succeeded')).toBe(100);

    const { items } = await client.jobs.items(job.job_id, { limit: 200 });
    expect(items.map(({ index, status }) => [index, status])).toEqual(questions(100).map((_, index) => [index, 'succeeded']));
  },
);

const WORKER = matrixOf(['worker'], () => false);

it.each(WORKER)('shows a killed %s in the attempt timeline and counts the repeated attempts of its prompts', async (name) => {
  const { url, kill } = stack;
  const page = await usePage();
  const job = await submit(url, { name: 'Killed worker', model: simulated({ ttft_ms: 1_500 }), prompts: questions(40) });
  await page.goto(`${url}/jobs/${job.job_id}?tab=timeline`);
  await page.getByText(/^worker-\d+$/).waitFor();
  await eventually(() => countOf(page, 'succeeded')).toBeGreaterThan(0);
  await kill(name);
  await untilJobIs(page, 'completed');
  await eventually(() => page.getByText(/^worker-\d+$/).count()).toBe(2);
  await page.getByRole('button', { name: 'Show table' }).click();
  await page.getByRole('row', { name: /^worker-\d+ 0 \d+ 0 [1-4]$/ }).waitFor();
});
