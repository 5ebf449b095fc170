import { EventEmitter, once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { type AddressInfo, connect, createServer } from 'node:net';
import { join } from 'node:path';
import { type JobResultLine, jobResultLineSchema } from '@prodigon/contracts';
import { inspectStack } from '@prodigon/stack';
import { copyClusterTemplate } from '@prodigon/testing';
import { afterAll, beforeAll, expect, it, onTestFinished, vi } from 'vitest';
import { type CliFixture, createCliFixture, runInProcess, spawnProdigon, WAIT } from './run-prodigon.test-support.ts';

const PROMPTS = Array.from({ length: 30 }, (_, index) => ({ prompt: `Question ${index}?`, custom_id: `id-${index}` }));
const FAST = 'prodigon-sim?ttft_ms=0&tokens_per_s=5000&tokens=5';
/** With two prompts at a time, a job of 30 prompts takes some seconds, or half a minute. */
const SLOW = 'prodigon-sim?ttft_ms=300&tokens_per_s=5000&tokens=5';
const VERY_SLOW = 'prodigon-sim?ttft_ms=2000&tokens_per_s=5000&tokens=5';

let fixture: CliFixture;
let file: string;
let gatewayUrl: string;

beforeAll(async () => {
  fixture = createCliFixture({ JOB_CONCURRENCY: '2', JOB_LEASE_MS: '2000' });
  file = join(fixture.folder, 'prompts.jsonl');
  writeFileSync(file, PROMPTS.map((line) => `${JSON.stringify(line)}\n`).join(''));
  await copyClusterTemplate(fixture.env.DATA_DIR);
  ({ url: gatewayUrl } = await fixture.start());
});
afterAll(() => fixture?.close());

const jobs = (...args: string[]) => runInProcess(['jobs', ...args], fixture.env);
const submit = (...args: string[]) => jobs('submit', file, ...args);

async function resultsOf(id: string): Promise<JobResultLine[]> {
  const { code, stdout } = await jobs('results', id).ended;
  expect(code).toBe(0);
  return stdout
    .trimEnd()
    .split('\n')
    .map((line) => jobResultLineSchema.parse(JSON.parse(line)));
}

it('submits a file, watches the job, reads its results and deletes it', async () => {
  const { code, stdout, stderr } = await submit('--model', FAST, '--name', 'Thirty questions').ended;
  expect({ code, stderr }).toEqual({ code: 0, stderr: expect.stringContaining('Job completed: 30 of 30 succeeded, ') });
  const id = stdout.trim();

  const results = await resultsOf(id);
  expect(results.map(({ prompt, custom_id }) => ({ prompt, custom_id }))).toEqual(PROMPTS);
  expect(results.map(({ response }) => response?.body.usage.completion_tokens)).toEqual(PROMPTS.map(() => 5));
  expect(await jobs('results', id, '--failed').ended).toMatchObject({ code: 0, stdout: '' });

  const list = await jobs('list', '--search', 'Thirty', '--status', 'completed').ended;
  expect(list).toMatchObject({
    code: 0,
    stdout: expect.stringMatching(new RegExp(`${id} +Completed +30/30 .*Thirty questions`)),
  });
  expect((await jobs('watch', id).ended).code).toBe(0);
  expect(await jobs('retry', id).ended).toMatchObject({ code: 1, stdout: '' });

  expect((await jobs('delete', id, '--yes').ended).code).toBe(0);
  expect(await jobs('show', id).ended).toMatchObject({ code: 1, stderr: 'The job does not exist.\n' });
});

it('continues to watch a job after the gateway has been killed and restarted', async () => {
  const command = submit('--model', SLOW);
  await vi.waitFor(() => expect(command.stderr()).toContain('running'), WAIT);
  const status = inspectStack(fixture.env.DATA_DIR);
  const gateway = status.phase === 'running' && status.state.processes.find(({ service }) => service === 'gateway')?.process;
  if (!gateway) throw new Error('No gateway runs');
  process.kill(gateway.pid, 'SIGKILL');
  const { code, stdout, stderr } = await command.ended;
  expect({ code, stderr }).toEqual({
    code: 0,
    stderr: expect.stringMatching(/Connection lost.*\nReconnected\.\n[\s\S]*Job completed: 30 of 30 succeeded/),
  });
  expect(await resultsOf(stdout.trim())).toHaveLength(30);
});

it('cancels a watched job', async () => {
  const command = submit('--model', VERY_SLOW);
  const [id] = await command.printed(/\S+/);
  expect((await jobs('cancel', id).ended).code).toBe(0);
  expect(await command.ended).toMatchObject({ code: 1, stderr: expect.stringMatching(/Job cancelled: \d+ of 30 succeeded/) });
});

it('reports on Ctrl-C that the job continues', async () => {
  const command = spawnProdigon(['jobs', 'submit', file, '--model', SLOW], fixture.env);
  const [id] = await command.printed(/\S+/);
  await vi.waitFor(() => expect(command.stderr()).toContain('running'), WAIT);
  command.child.kill('SIGINT');
  expect(await command.ended).toMatchObject({ code: 130, stderr: expect.stringContaining(`./prodigon jobs watch ${id}\n`) });
  expect((await jobs('watch', id).ended).code).toBe(0);
});

it('leaves nothing running on Ctrl-C during the upload', async () => {
  const large = join(fixture.folder, 'large.txt');
  writeFileSync(large, `${'x'.repeat(2_000)}\n`.repeat(20_000));
  // Forwards whole lines of the file, and then no more, as a slow connection does.
  let bytesForwarded = 0;
  const disconnected = new EventEmitter();
  const proxy = createServer((client) => {
    const target = connect(Number(new URL(gatewayUrl).port), '127.0.0.1');
    target.on('error', () => {}).pipe(client);
    client.on('error', () => {});
    // A paused socket does not report that the command has closed it.
    disconnected.once('disconnect', () => target.destroy());
    client.on('data', (bytes) => {
      bytesForwarded += bytes.length;
      target.write(bytes);
      if (bytesForwarded > 1_000_000) client.pause();
    });
  });
  await once(proxy.listen(0, '127.0.0.1'), 'listening');
  onTestFinished(() => void proxy.close());
  const url = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`;
  const countDisconnects = async () => {
    const metrics = await (await fetch(`${gatewayUrl}/metrics`)).text();
    return Number(/^http_requests_total\{.*route="\/api\/v1\/jobs".*status="499"\} (\d+)/m.exec(metrics)?.[1] ?? 0);
  };
  const before = await countDisconnects();

  const args = ['jobs', 'submit', large, '--yes', '--name', 'Interrupted upload', '--url', url];
  const { child, ended } = spawnProdigon(args, fixture.env);
  await vi.waitFor(() => expect(bytesForwarded).toBeGreaterThan(1_000_000), WAIT);
  child.kill('SIGINT');
  expect(await ended).toEqual({ code: 130, stdout: '', stderr: 'Interrupted. Nothing was submitted.\n' });
  disconnected.emit('disconnect');
  await vi.waitFor(async () => expect(await countDisconnects()).toBe(before + 1), WAIT);
  expect((await jobs('list', '--search', 'Interrupted upload').ended).stdout).not.toContain('Interrupted upload');
});
