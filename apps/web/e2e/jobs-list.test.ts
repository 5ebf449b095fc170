import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { eventually, type Harness, startHarness } from './harness.test-support.ts';
import { questions, simulated, submit } from './jobs.test-support.ts';

let harness: Harness;
beforeAll(async () => {
  harness = await startHarness();
  for (let number = 1; number <= 45; number += 1)
    await submit(harness.platform.url, { name: `Job ${number}`, prompts: ['Why?'] });
});
afterEach(async () => expect(await harness.closePages()).toEqual([]));
afterAll(() => harness.close());

describe('the job list', () => {
  it('pages forward and back, and keeps its page across a reload', async () => {
    const page = await harness.open('/jobs');
    await page.getByRole('link', { name: 'Job 45', exact: true }).waitFor();
    expect(await page.locator('tr[data-job]').count()).toBe(20);
    await page.getByRole('button', { name: 'Next' }).click();
    await page.getByRole('link', { name: 'Job 25', exact: true }).waitFor();
    await page.getByRole('button', { name: 'Next' }).click();
    await page.getByRole('link', { name: 'Job 5', exact: true }).waitFor();
    await page.reload();
    await page.getByRole('link', { name: 'Job 5', exact: true }).waitFor();
    await page.getByRole('button', { name: 'Previous' }).click();
    await page.getByRole('link', { name: 'Job 25', exact: true }).waitFor();
    await page.goBack();
    await page.getByRole('link', { name: 'Job 5', exact: true }).waitFor();
  });

  it('searches and filters jobs, and keeps both in the URL', async () => {
    const page = await harness.open('/jobs');
    await page.getByLabel('Search jobs').fill('Job 17');
    await eventually(() => page.locator('tr[data-job]').count()).toBe(1);
    await page.getByLabel('Status', { exact: true }).selectOption('failed');
    await page.getByText('No matching jobs').waitFor();
    await page.reload();
    await page.getByText('No matching jobs').waitFor();
    expect(await page.getByLabel('Search jobs').inputValue()).toBe('Job 17');
    await page.getByRole('button', { name: 'Clear filters' }).click();
    await page.getByRole('link', { name: 'Job 45', exact: true }).waitFor();
  });

  it('shows jobs of other clients and their progress without a reload', async () => {
    const page = await harness.open('/jobs?q=Elsewhere');
    await page.getByText('No matching jobs').waitFor();
    await submit(harness.platform.url, { name: 'Elsewhere' });
    await page.locator('tr[data-status="completed"]').waitFor();
  });

  it('cancels running jobs and deletes finished jobs in bulk', async () => {
    // Runs for most of a minute, but a cancelled job ends within the three seconds of its prompts in flight.
    const long = { model: simulated({ ttft_ms: 3_000 }), prompts: questions(100) };
    for (const name of ['Bulk one', 'Bulk two']) await submit(harness.platform.url, { name, ...long });
    const page = await harness.open('/jobs?q=Bulk');
    await page.getByLabel('Select all jobs on this page').check();
    await page.getByRole('button', { name: 'Cancel 2 jobs' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Cancel jobs' }).click();
    await eventually(() => page.locator('tr[data-status="cancelled"]').count()).toBe(2);
    await page.getByLabel('Select Bulk one').check();
    await page.getByRole('button', { name: 'Delete 1 job' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Delete jobs' }).click();
    await page.getByLabel('Select Bulk one').waitFor({ state: 'detached' });
    await page.getByLabel('Select Bulk two').waitFor();
  });
});
