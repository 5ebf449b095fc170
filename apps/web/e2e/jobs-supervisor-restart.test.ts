import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createApiClient } from '@prodigon/api-client';
import { createStack } from '@prodigon/stack';
import { createTestDatabase, sharedChromium } from '@prodigon/testing';
import { expect, it, onTestFinished } from 'vitest';
import { eventually } from './harness.test-support.ts';
import { countOf, questions, simulated, submit, untilJobIs } from './jobs.test-support.ts';

/** The platform as processes of its own, and a browser on it. */
async function setUp() {
  const database = await createTestDatabase();
  onTestFinished(() => database.drop());
  const dataDirectory = mkdtempSync(join(tmpdir(), 'prodigon-supervised-'));
  onTestFinished(() => rmSync(dataDirectory, { recursive: true }));
  const env = {
    PATH: process.env.PATH,
    GATEWAY_PORT: '0',
    MODEL_PORT: '0',
    WORKER_PORT: '0',
    DATABASE_URL: database.url,
    DATA_DIR: dataDirectory,
    JOB_CONCURRENCY: '4',
    JOB_LEASE_MS: '2000',
    USE_MOCK: 'true',
    LOG_LEVEL: 'silent',
  };
  const stack = createStack({ topology: 'services', rootDirectory: resolve(import.meta.dirname, '../../..'), env });
  onTestFinished(() => stack.stop());
  const url = await stack.start();
  const context = await (await sharedChromium()).newContext();
  onTestFinished(() => context.close());
  const client = createApiClient({ baseUrl: url });
  return {
    url,
    client,
    page: await context.newPage(),
    async kill(name: string) {
      const { services } = await client.overview();
      process.kill(services.find((service) => service.name === name)?.pid ?? Number.NaN, 'SIGKILL');
    },
  };
}

it.each(['worker', 'gateway'])(
  'a job outlives a killed %s: the page says that it is lost, keeps what it shows, and goes on by itself',
  async (name) => {
    const { url, client, page, kill } = await setUp();
    const job = await submit(url, { name: 'Outlives', model: simulated({ ttft_ms: 300 }), prompts: questions(100) });
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

it('a worker that was killed is shown in the lanes, and its prompts as attempted again', async () => {
  const { url, page, kill } = await setUp();
  const job = await submit(url, { name: 'Lanes', model: simulated({ ttft_ms: 1_500 }), prompts: questions(40) });
  await page.goto(`${url}/jobs/${job.job_id}`);
  await page.getByText(/^worker-\d+$/).waitFor();
  await eventually(() => countOf(page, 'succeeded')).toBeGreaterThan(0);
  await kill('worker');
  await untilJobIs(page, 'completed');
  await eventually(() => page.getByText(/^worker-\d+$/).count()).toBe(2);
  await page.getByRole('button', { name: 'Show table' }).click();
  await page.getByRole('row', { name: /^worker-\d+ 0 \d+ [1-4]$/ }).waitFor();
});
