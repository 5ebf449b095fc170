import { readFileSync } from 'node:fs';
import { createApiClient } from '@prodigon/api-client';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Harness, startHarness } from './harness.test-support.ts';
import { questions, simulated, untilJobIs } from './jobs.test-support.ts';

const KEY = 'a-key-for-this-test-0123456789';

let harness: Harness;
beforeAll(async () => {
  harness = await startHarness({ API_KEYS: KEY });
});
afterAll(() => harness.close());

it('sends the API key to watch a job and to download its results', async () => {
  const client = createApiClient({ baseUrl: harness.platform.url, apiKey: () => KEY });
  const job = await client.jobs.submit({ name: 'Behind a key', model: simulated(), prompts: questions(4) });
  const page = await harness.open(`/jobs/${job.job_id}`);
  await page.getByRole('dialog', { name: 'API key' }).getByLabel('API key').fill(KEY);
  await page.getByRole('button', { name: 'Save key' }).click();
  await untilJobIs(page, 'completed');
  const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('link', { name: 'Results' }).click()]);
  expect(
    readFileSync(await download.path(), 'utf8')
      .trimEnd()
      .split('\n'),
  ).toHaveLength(4);
  expect(download.suggestedFilename()).toBe(`${job.job_id}-results.jsonl`);
  expect(await harness.closePages()).toEqual([]);
});
