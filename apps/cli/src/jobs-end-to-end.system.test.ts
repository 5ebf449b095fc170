import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createApiClient } from '@prodigon/api-client';
import { type JobResultLine, jobResultLineSchema } from '@prodigon/contracts';
import { inspectStack } from '@prodigon/stack';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { type RunningCommand, runProdigon } from './run-prodigon.test-support.ts';

const WAIT = { timeout: 60_000, interval: 20 };
const PROMPTS = Array.from({ length: 30 }, (_, index) => ({ prompt: `Question ${index}?`, custom_id: `id-${index}` }));
const FAST = 'prodigon-sim?ttft_ms=0&tokens_per_s=5000&tokens=5';
/** Two at a time: a job of 30 prompts takes some seconds, or half a minute. */
const SLOW = 'prodigon-sim?ttft_ms=300&tokens_per_s=5000&tokens=5';
const VERY_SLOW = 'prodigon-sim?ttft_ms=2000&tokens_per_s=5000&tokens=5';

let folder: string;
let env: NodeJS.ProcessEnv;
let platform: RunningCommand;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'prodigon-cli-jobs-'));
  // As root the embedded database is another user, who has to pass through.
  chmodSync(folder, 0o711);
  const { PATH, HOME } = process.env;
  const ports = { GATEWAY_PORT: '0', MODEL_PORT: '0', WORKER_PORT: '0' };
  env = { PATH, HOME, DATA_DIR: join(folder, 'data'), USE_MOCK: 'true', JOB_CONCURRENCY: '2', JOB_LEASE_MS: '2000', ...ports };
  writeFileSync(join(folder, 'prompts.jsonl'), PROMPTS.map((line) => `${JSON.stringify(line)}\n`).join(''));
  platform = runProdigon(['start'], env);
  await platform.printed(/Prodigon is running: /);
});

afterAll(async () => {
  await runProdigon(['stop'], env).ended;
  platform.child.kill('SIGKILL');
  rmSync(folder, { recursive: true, force: true });
});

const jobs = (...args: string[]) => runProdigon(['jobs', ...args], env);
const submit = (...args: string[]) => jobs('submit', join(folder, 'prompts.jsonl'), ...args);

async function resultsOf(id: string): Promise<JobResultLine[]> {
  const { code, stdout } = await jobs('results', id).ended;
  expect(code).toBe(0);
  return stdout
    .trimEnd()
    .split('\n')
    .map((line) => jobResultLineSchema.parse(JSON.parse(line)));
}

it('makes a job of a file, watches it, reads its results and removes it', async () => {
  const { code, stdout, stderr } = await submit('--model', FAST, '--name', 'Thirty questions').ended;
  expect({ code, stderr }).toEqual({ code: 0, stderr: expect.stringContaining('Job completed: 30 of 30 answered, ') });
  const id = stdout.trim();

  const results = await resultsOf(id);
  expect(results.map(({ prompt, custom_id }) => ({ prompt, custom_id }))).toEqual(PROMPTS);
  expect(results.map(({ response }) => response?.body.usage.completion_tokens)).toEqual(PROMPTS.map(() => 5));
  expect(await jobs('results', id, '--failed').ended).toMatchObject({ code: 0, stdout: '' });

  const list = await jobs('list', '--search', 'Thirty', '--status', 'completed').ended;
  expect(list).toMatchObject({
    code: 0,
    stdout: expect.stringMatching(new RegExp(`${id} +completed +30/30 .*Thirty questions`)),
  });
  expect((await jobs('watch', id).ended).code).toBe(0);
  expect(await jobs('retry', id).ended).toMatchObject({ code: 1, stdout: '' });

  expect((await jobs('delete', id).ended).code).toBe(0);
  expect(await jobs('show', id).ended).toMatchObject({ code: 1, stderr: 'The job does not exist.\n' });
});

it('is watched on when the gateway is killed and comes back', async () => {
  const command = submit('--model', SLOW);
  await vi.waitFor(() => expect(command.stderr()).toContain('in flight'), WAIT);
  const status = inspectStack(join(folder, 'data'));
  const gateway = status.phase === 'running' && status.state.processes.find(({ service }) => service === 'gateway')?.process;
  if (!gateway) throw new Error('No gateway runs');
  process.kill(gateway.pid, 'SIGKILL');
  const { code, stdout, stderr } = await command.ended;
  expect({ code, stderr }).toEqual({
    code: 0,
    stderr: expect.stringMatching(/connection is lost.*\nConnected again\.\n[\s\S]*Job completed: 30 of 30 answered/),
  });
  expect(await resultsOf(stdout.trim())).toHaveLength(30);
});

it('cancels a job that is being watched', async () => {
  const command = submit('--model', VERY_SLOW);
  const [id] = await command.printed(/\S+/);
  expect((await jobs('cancel', id).ended).code).toBe(0);
  expect(await command.ended).toMatchObject({ code: 1, stderr: expect.stringMatching(/Job cancelled: \d+ of 30 answered/) });
});

it('tells a Ctrl-C that the job goes on', async () => {
  const command = submit('--model', SLOW);
  const [id] = await command.printed(/\S+/);
  await vi.waitFor(() => expect(command.stderr()).toContain('in flight'), WAIT);
  command.child.kill('SIGINT');
  expect(await command.ended).toMatchObject({ code: 130, stderr: expect.stringContaining(`prodigon jobs watch ${id}\n`) });
  expect((await jobs('watch', id).ended).code).toBe(0);
});

it('goes on exactly where it was when everything was killed with prodigon start, and started again', async () => {
  const [id = ''] = await submit('--model', SLOW, '--no-watch').printed(/\S+/);
  const itemsOf = async () => {
    const status = inspectStack(join(folder, 'data'));
    const baseUrl = status.phase === 'running' ? status.state.url : null;
    if (!baseUrl) throw new Error('It does not run');
    return (await createApiClient({ baseUrl }).jobs.items(id, { limit: 200 })).items;
  };
  await vi.waitFor(
    async () => expect((await itemsOf()).filter(({ status }) => status === 'succeeded')).not.toHaveLength(0),
    WAIT,
  );
  const finished = (await itemsOf()).filter(({ status }) => status === 'succeeded');
  const { child, ended } = platform;
  child.kill('SIGKILL');
  await ended;
  platform = runProdigon(['start'], env);
  await platform.printed(/Prodigon is running: /);

  expect(await jobs('watch', id).ended).toMatchObject({ code: 0, stderr: expect.stringContaining('30 of 30 answered') });
  const items = await itemsOf();
  // What was finished has been left alone; nothing else was begun more than once more.
  for (const item of finished) expect(items[item.index]).toEqual(item);
  expect(items.every(({ attempts }) => attempts <= 2)).toBe(true);
  expect((await resultsOf(id)).map(({ index }) => index)).toEqual(PROMPTS.map((_, index) => index));
});
