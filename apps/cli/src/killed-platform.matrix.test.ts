import { createApiClient } from '@prodigon/api-client';
import { inspectStack } from '@prodigon/stack';
import { copyClusterTemplate, echoOf, matrixOf, startFaultProvider } from '@prodigon/testing';
import { expect, it, onTestFinished, vi } from 'vitest';
import { createCliFixture } from './run-prodigon.test-support.ts';

const WAIT = { timeout: 120_000, interval: 20 };
const PROMPTS = Array.from({ length: 100 }, (_, index) => `Question ${index}`);

async function setUp() {
  const provider = await startFaultProvider();
  onTestFinished(() => provider.close());
  const fixture = createCliFixture({
    USE_MOCK: 'false',
    OPENAI_BASE_URL: provider.baseUrl,
    JOB_CONCURRENCY: '4',
    JOB_LEASE_MS: '2000',
  });
  onTestFinished(() => fixture.close());
  await copyClusterTemplate(fixture.env.DATA_DIR);

  return {
    provider,
    run: fixture.run,
    async start() {
      const { url: baseUrl, command } = await fixture.start();
      const status = inspectStack(fixture.env.DATA_DIR);
      if (status.phase === 'stopped') throw new Error('The platform does not run');
      const pids = new Map(status.state.processes.map(({ service, process }) => [service, process?.pid ?? Number.NaN]));
      return { command, jobs: createApiClient({ baseUrl }).jobs, baseUrl, pids };
    },
  };
}

const CELLS = [
  { target: 'prodigon start', services: [] },
  { target: 'prodigon start with all of its services', services: ['gateway', 'worker', 'model'] },
] as const;

it.each(matrixOf(CELLS, ({ services }) => services.length > 0))(
  'continues a job on the same database when $target is killed and started again, and stores each response once',
  async ({ services }) => {
    const { provider, start, run } = await setUp();
    const first = await start();
    const { job_id } = await first.jobs.submit({ prompts: PROMPTS, model: 'slow_100' });
    await vi.waitFor(() => expect(provider.calls.length).toBeGreaterThanOrEqual(30), WAIT);
    const itemsOf = async ({ jobs }: typeof first) => (await jobs.items(job_id, { limit: 200 })).items;
    const finished = (await itemsOf(first)).filter(({ status }) => status === 'succeeded');
    for (const service of services) process.kill(first.pids.get(service) ?? Number.NaN, 'SIGKILL');
    first.command.child.kill('SIGKILL');
    await first.command.ended;

    const second = await start();
    expect(second.pids.get('database')).toBe(first.pids.get('database'));
    expect(await run('jobs', 'watch', job_id)).toMatchObject({
      code: 0,
      stderr: expect.stringContaining('100 of 100 succeeded'),
    });
    expect(await second.jobs.get(job_id)).toMatchObject({
      completed_prompts: 100,
      failed_prompts: 0,
      usage: { total_tokens: 800 },
      results: PROMPTS.map(echoOf),
    });
    const results = await (await fetch(`${second.baseUrl}/api/v1/jobs/${job_id}/results.jsonl`)).text();
    const lines = results.trimEnd().split('\n');
    expect(lines.map((line) => JSON.parse(line).index)).toEqual(PROMPTS.map((_, index) => index));

    // Items that were finished before are unchanged, and no other was attempted more than twice.
    const items = await itemsOf(second);
    expect(finished.length).toBeGreaterThan(0);
    for (const item of finished) expect(items[item.index]).toEqual(item);
    expect(items.every(({ attempts }) => attempts <= 2)).toBe(true);
    const recordedByFirst = items.filter(({ worker }) => worker === `worker-${first.pids.get('worker')}`);
    expect(recordedByFirst.length).toBeGreaterThan(0);
    expect(recordedByFirst.length).toBeLessThan(PROMPTS.length);
    const callsFor = (prompt: string) => provider.calls.filter((call) => call.prompt === prompt).length;
    for (const { prompt } of recordedByFirst) expect(callsFor(prompt), prompt).toBe(1);
    expect(Math.max(...PROMPTS.map(callsFor))).toBeLessThanOrEqual(2);
  },
  300_000,
);
