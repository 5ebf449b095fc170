import { readFileSync } from 'node:fs';
import { createApiClient } from '@prodigon/api-client';
import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { eventually, type Harness, startHarness } from './harness.test-support.ts';
import { countOf, openTab, promptRow, questions, simulated, submit, untilJobIs } from './jobs.test-support.ts';

let harness: Harness;
beforeAll(async () => {
  harness = await startHarness({ JOB_CONCURRENCY: '4' });
});
afterEach(async () => expect(await harness.closePages()).toEqual([]));
afterAll(() => harness.close());

const jobs = () => createApiClient({ baseUrl: harness.platform.url }).jobs;
/** Slow enough for a test to see a job run. */
const SLOW = simulated({ ttft_ms: 400 });

async function openJob(request: Parameters<typeof submit>[1]): Promise<{ page: Page; jobId: string }> {
  const { job_id } = await submit(harness.platform.url, request);
  return { page: await harness.open(`/jobs/${job_id}`), jobId: job_id };
}

/** Opens a job of 900 prompts, which runs for seven minutes and ends two seconds after its cancellation. */
async function openLongJob(name: string): Promise<{ page: Page; jobId: string }> {
  const { job_id } = await jobs().submitFile({
    format: 'jsonl',
    bytes: jsonLines(900),
    options: { name, model: simulated({ ttft_ms: 2_000 }) },
  });
  return { page: await harness.open(`/jobs/${job_id}`), jobId: job_id };
}

const jsonLines = (count: number) =>
  new Blob([
    questions(count)
      .map((question) => JSON.stringify(question))
      .join('\n'),
  ]);

/** Clicks a download link and returns the parsed lines of the file. */
async function downloadLines(
  page: Page,
  link: string,
): Promise<{ index: number; response: unknown; error: { code: string } | null }[]> {
  const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('link', { name: link }).click()]);
  return readFileSync(await download.path(), 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
}

async function cancelJob(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Cancel' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Cancel job' }).click();
}

describe('a running job', () => {
  it('shows the progress of a job from its first to its last prompt without a reload', async () => {
    const { page } = await openJob({ name: 'Watched', model: SLOW, prompts: questions(40) });
    await untilJobIs(page, 'running');
    await eventually(() => countOf(page, 'running')).toBeGreaterThan(0);
    await promptRow(page, 1, 'succeeded').waitFor();
    await page.getByText(/prompts\/s$/).waitFor();
    await untilJobIs(page, 'completed');
    expect(await countOf(page, 'succeeded')).toBe(40);
    await promptRow(page, 40, 'succeeded').waitFor();
    // Events carry no responses, so the page reads those of its prompts.
    for (const number of [1, 40])
      await eventually(() => promptRow(page, number).getByRole('cell').nth(2).textContent()).toMatch(/\w/);
    await openTab(page, 'Timeline');
    await page.getByText(/^worker-\d+$/).waitFor();
    await page.getByText('All 40 succeeded prompts').waitFor();
    await page.getByRole('button', { name: 'Show table' }).click();
    await page.getByRole('rowheader', { name: /^worker-/ }).waitFor();
  });

  it('shows the response of a prompt that was opened before it succeeded', async () => {
    const { page } = await openJob({ name: 'Opened early', model: SLOW, prompts: questions(12) });
    await page.getByRole('button', { name: 'Prompt 12', exact: true }).click();
    await page.getByRole('region', { name: 'Response' }).waitFor();
    expect(page.url()).toContain('open=11');
  });

  it('continues to show the progress of a job after a reload', async () => {
    const { page } = await openJob({ name: 'Reloaded', model: SLOW, prompts: questions(40) });
    await eventually(() => countOf(page, 'succeeded')).toBeGreaterThan(3);
    const before = await countOf(page, 'succeeded');
    await page.reload();
    expect(await countOf(page, 'succeeded')).toBeGreaterThanOrEqual(before);
    await untilJobIs(page, 'completed');
    expect(await countOf(page, 'succeeded')).toBe(40);
  });

  it('updates in seven tabs, although a browser opens at most six connections to a server', async () => {
    const { page, jobId } = await openLongJob('In seven tabs');
    const others = await Promise.all(Array.from({ length: 6 }, () => page.context().newPage()));
    onTestFinished(async () => void (await Promise.all(others.map((other) => other.close()))));
    await Promise.all(others.map((other) => other.goto(`${harness.platform.url}/jobs/${jobId}`)));
    const tabs = [page, ...others];
    await Promise.all(tabs.map((tab) => untilJobIs(tab, 'running')));
    await Promise.all(tabs.map((tab) => eventually(() => countOf(tab, 'running')).toBe(4)));
    await jobs().cancel(jobId);
    await Promise.all(tabs.map((tab) => untilJobIs(tab, 'cancelled')));
  });

  it('filters prompts by status and keeps the filter in the URL', async () => {
    const { page } = await openLongJob('Filtered');
    await page.getByLabel('Prompt status').selectOption('running');
    await eventually(() => page.locator('tr[data-item]').count()).toBe(4);
    await page.reload();
    await eventually(() => page.locator('tr[data-status="running"]').count()).toBe(4);
    await cancelJob(page);
    await untilJobIs(page, 'cancelled');
    await page.getByText('No running prompts').waitFor();
  });

  it('shows correct counts for a job with thousands of prompts', async () => {
    const { job_id } = await jobs().submitFile({
      format: 'jsonl',
      bytes: jsonLines(2_000),
      options: { name: 'Thousands', model: simulated({ tokens: 1 }) },
    });
    const page = await harness.open(`/jobs/${job_id}`);
    await page.getByText('2,000 of 2,000 prompts succeeded', { exact: true }).waitFor();
    expect(await page.locator('tr[data-item]').count()).toBe(50);
  });
});

describe('a cancelled job', () => {
  it('keeps the responses of a cancelled job, offers them for download and retries the other prompts', async () => {
    // The job must still run when even the slowest browser cancels it.
    const { page, jobId } = await openLongJob('Cancelled');
    await eventually(() => countOf(page, 'succeeded')).toBeGreaterThan(3);
    await page.getByRole('button', { name: 'Cancel' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Back' }).click();
    await cancelJob(page);
    await untilJobIs(page, 'cancelled');
    const succeeded = await countOf(page, 'succeeded');
    expect(await countOf(page, 'cancelled or expired')).toBe(900 - succeeded);

    const results = await downloadLines(page, 'Results');
    expect(results).toHaveLength(succeeded);
    expect(results.every(({ response }) => response !== null)).toBe(true);
    const errors = await downloadLines(page, 'Errors');
    expect(errors).toHaveLength(900 - succeeded);

    await page.getByRole('button', { name: `Retry ${900 - succeeded} prompts` }).click();
    await eventually(() => countOf(page, 'succeeded')).toBeGreaterThan(succeeded);
    expect(await countOf(page, 'cancelled or expired')).toBe(0);
    await jobs().cancel(jobId);
  });
});

describe('a job whose prompts fail', () => {
  it('shows the error of each failed prompt and offers the errors for download', async () => {
    const { page } = await openJob({
      name: 'Failing',
      model: simulated({ fault: 'error_after', after: 0 }),
      prompts: questions(2),
    });
    await untilJobIs(page, 'failed');
    await page.getByText('Job failed', { exact: true }).waitFor();
    await page.getByRole('button', { name: 'Prompt 1', exact: true }).click();
    await page.getByText('INFERENCE_ERROR').waitFor();
    expect((await downloadLines(page, 'Errors')).map(({ error }) => error?.code)).toEqual(['INFERENCE_ERROR', 'INFERENCE_ERROR']);
    await page.getByRole('button', { name: 'Delete' }).click();
    await page.getByRole('button', { name: 'Delete job' }).click();
    await page.getByRole('heading', { name: 'Jobs', exact: true }).waitFor();
    expect(await page.getByRole('link', { name: 'Failing' }).count()).toBe(0);
  });
});

describe('an unknown job', () => {
  it('reports that the job was not found', async () => {
    const page = await harness.open('/jobs/01a20ad6-cb20-7ba4-ab28-479cd953a6f8');
    await page.getByRole('heading', { name: 'Job not found' }).waitFor();
  });
});
