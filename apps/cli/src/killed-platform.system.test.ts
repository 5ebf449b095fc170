import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createApiClient } from '@prodigon/api-client';
import { inspectStack } from '@prodigon/stack';
import { echoOf, startFaultProvider } from '@prodigon/testing';
import { expect, it, onTestFinished, vi } from 'vitest';
import { runProdigon } from './run-prodigon.test-support.ts';

const WAIT = { timeout: 120_000, interval: 20 };
const PROMPTS = Array.from({ length: 100 }, (_, index) => `Question ${index}`);

async function setUp() {
  const provider = await startFaultProvider();
  onTestFinished(() => provider.close());
  const dataDirectory = mkdtempSync(join(tmpdir(), 'prodigon-killed-'));
  // As root the embedded database is another user, who has to pass through.
  chmodSync(dataDirectory, 0o711);
  onTestFinished(() => rmSync(dataDirectory, { recursive: true, force: true }));
  const { PATH, HOME } = process.env;
  const env = {
    PATH,
    HOME,
    DATA_DIR: dataDirectory,
    OPENAI_BASE_URL: provider.baseUrl,
    GATEWAY_PORT: '0',
    MODEL_PORT: '0',
    WORKER_PORT: '0',
    JOB_CONCURRENCY: '4',
    JOB_LEASE_MS: '2000',
  };
  onTestFinished(async () => void (await runProdigon(['stop'], env).ended));

  return {
    provider,
    async start() {
      const command = runProdigon(['start'], env);
      onTestFinished(() => void command.child.kill('SIGKILL'));
      const [, baseUrl = ''] = await command.printed(/Prodigon is running: (\S+)/);
      const status = inspectStack(dataDirectory);
      if (status.phase === 'stopped') throw new Error('It should run');
      const pids = new Map(status.state.processes.map(({ service, process }) => [service, process?.pid ?? Number.NaN]));
      return { command, jobs: createApiClient({ baseUrl }).jobs, baseUrl, pids };
    },
  };
}

it.each([
  { what: 'prodigon start', services: [] as const },
  { what: 'prodigon start with all of its services', services: ['gateway', 'worker', 'model'] as const },
])(
  'a job goes on when $what is killed and started again: the database is the same, each answer is there once',
  async ({ services }) => {
    const { provider, start } = await setUp();
    const first = await start();
    const { job_id } = await first.jobs.submit({ prompts: PROMPTS, model: 'slow_100' });
    await vi.waitFor(() => expect(provider.calls.length).toBeGreaterThanOrEqual(30), WAIT);
    for (const service of services) process.kill(first.pids.get(service) ?? Number.NaN, 'SIGKILL');
    first.command.child.kill('SIGKILL');
    await first.command.ended;

    const second = await start();
    expect(second.pids.get('database')).toBe(first.pids.get('database'));
    await vi.waitFor(async () => expect((await second.jobs.get(job_id)).status).toBe('completed'), WAIT);
    expect(await second.jobs.get(job_id)).toMatchObject({
      completed_prompts: 100,
      failed_prompts: 0,
      usage: { total_tokens: 800 },
      results: PROMPTS.map(echoOf),
    });
    const results = await (await fetch(`${second.baseUrl}/api/v1/jobs/${job_id}/results.jsonl`)).text();
    const lines = results.trimEnd().split('\n');
    expect(lines.map((line) => JSON.parse(line).index)).toEqual(PROMPTS.map((_, index) => index));

    // What the first worker recorded was asked once; what it was killed over, at most once more.
    const { items } = await second.jobs.items(job_id, { limit: 200 });
    const recordedBefore = items.filter(({ worker }) => worker === `worker-${first.pids.get('worker')}`);
    expect(recordedBefore.length).toBeGreaterThan(0);
    expect(recordedBefore.length).toBeLessThan(PROMPTS.length);
    const timesAsked = (prompt: string) => provider.calls.filter((call) => call.prompt === prompt).length;
    for (const { prompt } of recordedBefore) expect(timesAsked(prompt), prompt).toBe(1);
    expect(Math.max(...PROMPTS.map(timesAsked))).toBeLessThanOrEqual(2);
  },
  300_000,
);
