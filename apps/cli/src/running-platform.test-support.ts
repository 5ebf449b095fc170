import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createApiClient } from '@prodigon/api-client';
import { inspectStack, isBundleFresh } from '@prodigon/stack';
import { copyClusterTemplate } from '@prodigon/testing';
import { expect, it, vi } from 'vitest';
import { type CliFixture, createCliFixture, spawnProdigon, WAIT } from './run-prodigon.test-support.ts';

/** The line of `prodigon chat` that says how to continue. */
export const CONTINUATION = /^To continue: \.\/prodigon chat --continue [0-9a-f-]{36}\n/m;

const ROOT = join(import.meta.dirname, '../../..');

export type Platform = CliFixture & Awaited<ReturnType<CliFixture['start']>>;

/** Runs `prodigon start` as a process, with an embedded database. */
export async function startPlatform(...args: string[]): Promise<Platform> {
  const fixture = createCliFixture();
  await copyClusterTemplate(fixture.env.DATA_DIR);
  try {
    return { ...fixture, ...(await fixture.start(...args)) };
  } catch (error) {
    // A platform that started too late would keep running after the tests.
    await fixture.close();
    throw error;
  }
}

/** Returns the recorded processes of a running platform. */
export function processesOf({ env }: CliFixture) {
  const status = inspectStack(env.DATA_DIR);
  if (status.phase === 'stopped') throw new Error('The platform does not run');
  return status.state.processes;
}

export function pidOf(fixture: CliFixture, title: string): number {
  const pid = processesOf(fixture).find((candidate) => candidate.title === title)?.process?.pid;
  if (!pid) throw new Error(`No ${title} runs`);
  return pid;
}

/** Defines the tests of a running platform, which has received no request before. */
export function testRunningPlatform(topology: 'services' | 'monolith', platform: () => Platform): void {
  it('reports its URL, its model and the state of each process', async () => {
    const { url, command, run } = platform();
    expect(command.stdout()).toMatch(/Model {3}prodigon-tutor, which works offline/);
    const status = await run('status');
    expect(status).toMatchObject({ code: 0, stdout: expect.stringContaining(`(${topology}) runs at ${url}`) });
    expect(status.stdout.match(/ \d+ +(?:http|postgresql)/g)).toHaveLength(topology === 'services' ? 4 : 2);
    const health = await run('health');
    expect(health).toMatchObject({ code: 0, stdout: expect.stringContaining(`(${topology}, development) at ${url}`) });
    for (const service of ['gateway', 'model', 'worker']) expect(health.stdout).toMatch(new RegExp(`${service} +up`));
  });

  it('responds to prompts, and reports models and usage', async () => {
    const { run, env } = platform();
    const response = await run('chat', '--model', 'prodigon-sim?ttft_ms=0&tokens_per_s=5000&tokens=20', 'Say', 'something');
    expect(response).toMatchObject({
      code: 0,
      stderr: expect.stringMatching(/^prodigon-sim · \d+ \+ 20 tokens · first token after/),
    });
    expect(response.stdout.trim().split(/\s+/).length).toBeGreaterThan(10);

    const piped = await spawnProdigon(['chat'], env, 'What is dependency injection?\n').ended;
    expect(piped).toMatchObject({ code: 0, stderr: expect.stringMatching(/^prodigon-tutor · /) });
    expect(piped.stdout).toMatch(/injection/i);

    const models = await run('models');
    expect(models).toMatchObject({ code: 0, stdout: expect.stringMatching(/prodigon-tutor +offline +chat +free .*default/) });
    expect(models.stdout).toMatch(/prodigon-sim .* ok, 1 of 1 calls/);

    // Usage is recorded within a second of the response.
    await vi.waitFor(async () => {
      const usage = await run('usage');
      expect(usage).toMatchObject({ code: 0, stdout: expect.stringMatching(/prodigon-sim +1 /) });
      expect(usage.stdout).toMatch(/total +2 /);
    }, WAIT);
    for (const command of ['health', 'status', 'models', 'usage']) {
      const { code, stdout } = await run(command, '--json');
      expect({ code, printed: JSON.parse(stdout) }).toEqual({ code: 0, printed: expect.any(Object) });
    }
    const inJson = await run('chat', '--json', '--model', 'prodigon-sim?ttft_ms=0&tokens_per_s=5000&tokens=5', 'Hi');
    expect(JSON.parse(inJson.stdout)).toMatchObject({ usage: { completion_tokens: 5 } });
    expect(await run('usage', '--from', 'yesterday')).toMatchObject({ code: 2, stdout: '' });
  });

  it('runs on Node 24', async () => {
    expect((await createApiClient({ baseUrl: platform().url }).overview()).node_version).toMatch(/^v?24\./);
    expect(process.versions.node).toMatch(/^24\./);
  });

  it.runIf(process.platform === 'linux')('starts the bundled apps while they are up to date, and names their processes', () => {
    const titles = topology === 'services' ? ['gateway', 'model service', 'worker'] : ['platform'];
    const apps = { gateway: 'gateway', 'model service': 'model', worker: 'worker', platform: 'monolith' } as const;
    for (const title of titles) {
      const app = apps[title as keyof typeof apps];
      const entry = `apps/${app}/${isBundleFresh(ROOT, app) ? 'dist/main.mjs' : 'src/main.ts'}`;
      const pid = pidOf(platform(), title);
      expect(readFileSync(`/proc/${pid}/cmdline`, 'utf8')).toContain(entry);
      expect(readFileSync(`/proc/${pid}/comm`, 'utf8')).toBe(`${`prodigon-${app}`.slice(0, 15)}\n`);
    }
  });

  it('keeps the text so far when a response fails, and explains the failure', async () => {
    const failing = 'prodigon-sim?ttft_ms=0&tokens_per_s=5000&fault=error_after&after=5';
    const failed = await platform().run('chat', '--model', failing, 'Hi');
    expect(failed).toMatchObject({ code: 1, stdout: expect.stringMatching(/\w.*\n$/s) });
    expect(failed.stderr.replace(CONTINUATION, '')).toMatch(/^[A-Z][^\n]+\.\n$/);
  });

  it('explains a rejected request in one sentence', async () => {
    const rejected = await platform().run('chat', '--model', 'no-such-model', 'Hi');
    expect(rejected).toMatchObject({ code: 1, stdout: '' });
    expect(rejected.stderr).toMatch(/^[^\n]*no-such-model[^\n]*\n$/);
  });
}
