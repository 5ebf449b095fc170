import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createApiClient } from '@prodigon/api-client';
import { inspectStack, type StackStatus } from '@prodigon/stack';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type CommandResult, type RunningCommand, runProdigon } from './run-prodigon.test-support.ts';

const WAIT = { timeout: 60_000, interval: 20 };
let dataDirectory: string;
let env: NodeJS.ProcessEnv;
const started: RunningCommand[] = [];

beforeEach(() => {
  dataDirectory = mkdtempSync(join(tmpdir(), 'prodigon-cli-'));
  // As root the embedded database is another user, who has to pass through.
  chmodSync(dataDirectory, 0o711);
  const { PATH, HOME } = process.env;
  const ports = { GATEWAY_PORT: '0', MODEL_PORT: '0', WORKER_PORT: '0' };
  env = { PATH, HOME, DATA_DIR: dataDirectory, USE_MOCK: 'true', ...ports };
});

afterEach(async () => {
  await run('stop');
  for (const command of started.splice(0)) command.child.kill('SIGKILL');
  rmSync(dataDirectory, { recursive: true, force: true });
});

const run = (...args: string[]): Promise<CommandResult> => runProdigon(args, env).ended;

/** Resolves with the gateway's URL once the block of the start command has been printed. */
async function start(...args: string[]): Promise<{ url: string; command: RunningCommand }> {
  const command = runProdigon(['start', ...args], env);
  started.push(command);
  const [, url = ''] = await command.printed(/Prodigon is running: (\S+)[\s\S]*Stop {4}Ctrl-C/);
  return { url, command };
}

function stateOf(status: StackStatus) {
  if (status.phase === 'stopped') throw new Error('It should run');
  return status.state;
}

function pidOf(service: string): number {
  const pid = stateOf(inspectStack(dataDirectory)).processes.find((candidate) => candidate.service === service)?.process?.pid;
  if (!pid) throw new Error(`No ${service} runs`);
  return pid;
}

describe.each(['services', 'monolith'])('the platform as %s', (topology) => {
  it('starts, says where and what answers, is healthy, chats and stops', async () => {
    const { url, command } = await start('--topology', topology);
    expect(command.stdout()).toMatch(/Model {3}prodigon-tutor, which works offline/);

    const status = await run('status');
    expect(status).toMatchObject({ code: 0, stdout: expect.stringContaining(`(${topology}) runs at ${url}`) });
    expect(status.stdout.match(/pid \d+ /g)).toHaveLength(topology === 'services' ? 4 : 2);

    const health = await run('health');
    expect(health).toMatchObject({ code: 0, stdout: expect.stringContaining(`(${topology}, development) at ${url}`) });
    expect(health.stdout).toMatch(/gateway +up/);
    expect(health.stdout).toMatch(/model +up/);
    expect(health.stdout).toMatch(/worker +up/);

    const answer = await run('chat', '--model', 'prodigon-sim?ttft_ms=0&tokens_per_s=5000&tokens=20', 'Say', 'something');
    expect(answer).toMatchObject({
      code: 0,
      stderr: expect.stringMatching(/^prodigon-sim · \d+ \+ 20 tokens · first token after/),
    });
    expect(answer.stdout.trim().split(/\s+/).length).toBeGreaterThan(10);

    const piped = await runProdigon(['chat'], env, 'What is dependency injection?\n').ended;
    expect(piped).toMatchObject({ code: 0, stderr: expect.stringMatching(/^prodigon-tutor · /) });
    expect(piped.stdout).toMatch(/injection/i);

    const models = await run('models');
    expect(models).toMatchObject({ code: 0, stdout: expect.stringMatching(/prodigon-tutor +offline +chat +free .*default/) });
    expect(models.stdout).toMatch(/prodigon-sim .* ok, 1 of 1 calls answered/);

    // It is written down within a second of the answer.
    await vi.waitFor(async () => {
      const usage = await run('usage');
      expect(usage).toMatchObject({ code: 0, stdout: expect.stringMatching(/prodigon-sim +1 requests/) });
      expect(usage.stdout).toMatch(/total +2 requests/);
    }, WAIT);
    expect(await run('usage', '--from', 'yesterday')).toMatchObject({ code: 2, stdout: '' });

    const stopped = await run('stop');
    expect(stopped).toMatchObject({ code: 0, stdout: 'Prodigon has stopped.\n' });
    expect((await command.ended).code).toBe(0);
    expect(await run('status')).toMatchObject({ code: 0, stdout: 'Prodigon is not running.\n' });
  });

  it('carries on when it is started again after kill -9', async () => {
    const first = await start('--topology', topology);
    const { processes } = stateOf(inspectStack(dataDirectory));
    first.command.child.kill('SIGKILL');
    await first.command.ended;
    expect(await run('status')).toMatchObject({
      code: 1,
      stdout: expect.stringMatching(/^Prodigon was killed without being stopped\./),
    });
    const second = await start('--topology', topology);
    const now = stateOf(inspectStack(dataDirectory)).processes;
    const servicePids = now.flatMap(({ service, process }) => (service === 'database' ? [] : [process?.pid]));
    for (const { process } of processes) expect(servicePids).not.toContain(process?.pid);
    // The database is not started again under the services' feet: the one that was left goes on.
    const isDatabase = ({ service }: { service: string }) => service === 'database';
    expect(now.find(isDatabase)?.process).toEqual(processes.find(isDatabase)?.process);
    expect((await runProdigon(['health', '--url', second.url], env).ended).code).toBe(0);
  });
});

describe('while it runs', () => {
  it('starts a killed model service again, says so, and is healthy again', async () => {
    const { command } = await start();
    const killed = pidOf('model');
    process.kill(killed, 'SIGKILL');
    await vi.waitFor(() => expect(command.stderr()).toContain('model service is ready again.'), WAIT);
    expect(command.stderr()).toContain('model service stopped (killed by SIGKILL). Starting it again in 0.3 s.');
    expect(pidOf('model')).not.toBe(killed);
    await vi.waitFor(async () => expect((await run('health')).code).toBe(0), WAIT);
    expect((await run('status')).stdout).toMatch(/model service .*restarted once/);
    expect((await run('chat', 'What is a queue?')).code).toBe(0);
  });

  it('goes on with one of two model services while the other is away, and shows both', async () => {
    const { url, command } = await start('--replicas', 'model=2');
    const block = command.stdout();
    expect(block).toMatch(/Shared {2}model service 1 {2}http:\/\/\S+\n {10}model service 2 {2}http:\/\/\S+\n/);
    const second = stateOf(inspectStack(dataDirectory)).processes.find(({ title }) => title === 'model service 2');
    expect(block).toContain(second?.url);
    expect((await run('status')).stdout).toMatch(/^ +model service 1 +pid \d+.*\n +model service 2 +pid \d+/m);
    await vi.waitFor(async () => expect((await run('health')).stdout).toMatch(/^ +model 1 +up.*\n +model 2 +up/m), WAIT);

    process.kill(second?.process?.pid ?? 0, 'SIGSTOP');
    try {
      expect((await run('status')).code).toBe(0);
      expect(await run('health')).toMatchObject({ code: 1, stdout: expect.stringMatching(/^ +model 1 +up.*\n +model 2 +down/m) });
      const ready = await fetch(`${url}/readyz`);
      expect(ready.status).toBe(200);
    } finally {
      process.kill(second?.process?.pid ?? 0, 'SIGKILL');
    }
    for (let question = 0; question < 3; question++) expect((await run('chat', 'What is a replica?')).code).toBe(0);
    await vi.waitFor(() => expect(command.stderr()).toContain('model service 2 is ready again.'), WAIT);
    expect((await run('status')).stdout).toMatch(/^ +model service 2 .*restarted once/m);
    await vi.waitFor(async () => expect((await run('health')).code).toBe(0), WAIT);
    expect((await run('stop')).code).toBe(0);
  });

  it('runs its services on Node 24', async () => {
    const { url } = await start();
    const overview = await createApiClient({ baseUrl: url }).overview();
    expect(overview.node_version).toMatch(/^v?24\./);
    expect(process.versions.node).toMatch(/^24\./);
  });

  it('refuses a second start, and says where the first is', async () => {
    const { url, command } = await start();
    expect(await run('start')).toMatchObject({
      code: 1,
      stderr: `Prodigon already runs at ${url} (pid ${command.child.pid}). Stop it with: npx prodigon stop\n`,
    });
  });

  it('reports a service that is down', async () => {
    await start();
    const model = pidOf('model');
    process.kill(model, 'SIGSTOP');
    try {
      const health = await run('health');
      expect(health).toMatchObject({ code: 1, stdout: expect.stringMatching(/model +down/) });
    } finally {
      process.kill(model, 'SIGKILL');
    }
  });

  it('lets open answers finish on Ctrl-C, and ends at once on the second', async () => {
    const { command } = await start();
    const chat = runProdigon(['chat', '--model', 'prodigon-sim?ttft_ms=0&tokens_per_s=20&tokens=8000', 'Go on'], env);
    await chat.printed(/\w/);
    command.child.kill('SIGINT');
    await vi.waitFor(() => expect(command.stderr()).toContain('Press Ctrl-C again to end at once.'), WAIT);
    const before = chat.stdout().length;
    await vi.waitFor(() => expect(chat.stdout().length).toBeGreaterThan(before), WAIT);
    // What comes at once may be npm's copy of the first, so it takes more than one try.
    const again = setInterval(() => command.child.kill('SIGINT'), 100);
    expect((await command.ended).code).toBe(130);
    clearInterval(again);
    expect(await chat.ended).toMatchObject({ code: 1, stderr: expect.stringContaining('The answer broke off.') });
    expect(inspectStack(dataDirectory)).toEqual({ phase: 'stopped' });
  });
});

describe('chat', () => {
  it('stops the answer on Ctrl-C and keeps the text so far', async () => {
    const { url } = await start();
    const chat = runProdigon(['chat', '--model', 'prodigon-sim?ttft_ms=0&tokens_per_s=20&tokens=8000', 'Go on'], env);
    await chat.printed(/\w/);
    chat.child.kill('SIGINT');
    expect(await chat.ended).toMatchObject({ code: 130, stdout: expect.stringMatching(/\w.*\n$/s), stderr: '' });
    const client = createApiClient({ baseUrl: url });
    await vi.waitFor(async () => expect((await client.overview()).streams.active).toBe(0), WAIT);
  });

  it('says what went wrong midway, and keeps the text so far', async () => {
    await start('--topology', 'monolith');
    const failed = await run('chat', '--model', 'prodigon-sim?ttft_ms=0&tokens_per_s=5000&fault=error_after&after=5', 'Hi');
    expect(failed).toMatchObject({ code: 1, stdout: expect.stringMatching(/\w.*\n$/s) });
    expect(failed.stderr).toMatch(/^[A-Z][^\n]+\.\n$/);
  });

  it('says in one sentence why a request is refused', async () => {
    await start('--topology', 'monolith');
    const refused = await run('chat', '--model', 'no-such-model', 'Hi');
    expect(refused).toMatchObject({ code: 1, stdout: '' });
    expect(refused.stderr).toMatch(/^[^\n]*no-such-model[^\n]*\n$/);
  });

  it('ends quietly when nobody reads on', async () => {
    await start('--topology', 'monolith');
    const chat = runProdigon(['chat', '--model', 'prodigon-sim?ttft_ms=0&tokens_per_s=200&tokens=8000', 'Go on'], env);
    await chat.printed(/\w/);
    chat.child.stdout?.destroy();
    expect(await chat.ended).toMatchObject({ code: 0, stderr: '' });
  });
});

describe('mistakes', () => {
  it.each([
    [['frobnicate'], 2, /^There is no command "frobnicate"\. See: prodigon help\n$/],
    [['start', '--topology', 'cloud'], 2, /^--topology is services or monolith, not "cloud"\. See: prodigon help\n$/],
    [['start', '--replicas', 'gateway=2'], 2, /^--replicas is for model and worker: there is one gateway, the door to both\./],
    [['start', '--replicas', 'database=2'], 2, /^--replicas is for model and worker, not "database"\./],
    [['start', '--replicas', 'model=17'], 2, /^--replicas takes a number from 1 to 16, as in model=2, not "model=17"\./],
    [['start', '--replicas', 'worker'], 2, /^--replicas takes a number from 1 to 16, as in worker=2, not "worker"\./],
    [
      ['start', '--topology', 'monolith', '--replicas', 'model=2'],
      2,
      /^--replicas is for the topology "services": the monolith is one process\./,
    ],
    [['start', '--only', 'model', '--replicas', 'model=2'], 2, /^--replicas is for the whole platform: with --only/],
    [['chat', '--loud', 'Hi'], 2, /^Unknown option '--loud'\. See: prodigon help\n$/],
    [['chat'], 2, /^The question is empty\. See: prodigon help\n$/],
    [['health', '--url', 'localhost'], 2, /^--url takes an http or https URL\. See: prodigon help\n$/],
    [
      ['health', '--url', 'http://127.0.0.1:9'],
      1,
      /^No gateway answers at http:\/\/127\.0\.0\.1:9\. Start it with: npm start\n$/,
    ],
    [
      ['chat', '--url', 'http://127.0.0.1:9', 'Hi'],
      1,
      /^No gateway answers at http:\/\/127\.0\.0\.1:9\. Start it with: npm start\n$/,
    ],
  ])('prodigon %j exits with %i and one sentence', async (args, code, stderr) => {
    expect(await run(...args)).toEqual({ code, stdout: '', stderr: expect.stringMatching(stderr) });
  });

  it('lists every problem of the configuration, without a stack', async () => {
    const result = await runProdigon(['start'], { ...env, MODEL_PORT: 'x', LOG_LEVEL: 'loud' }).ended;
    expect(result).toMatchObject({ code: 78, stdout: '' });
    expect(result.stderr).toMatch(/^The configuration has 2 problems:\n {2}MODEL_PORT .*\n {2}LOG_LEVEL .*\n$/);
  });

  it('names the variable of a port that is taken', async () => {
    const { url } = await start('--topology', 'monolith');
    const port = new URL(url).port;
    const result = await runProdigon(['start'], { ...env, DATA_DIR: join(dataDirectory, 'other'), GATEWAY_PORT: port }).ended;
    expect(result).toMatchObject({
      code: 78,
      stderr: `Port ${port} is taken by another program. Stop it, or set GATEWAY_PORT to a free port.\n`,
    });
  });
});

it('tells what it can do', async () => {
  const { version } = (await import('../../../package.json', { with: { type: 'json' } })).default;
  expect(await run('--version')).toMatchObject({ code: 0, stdout: `prodigon ${version}\n` });
  const help = await run('help');
  for (const name of ['start', 'stop', 'status', 'health', 'chat', 'migrate', 'backup', 'restore', 'reset']) {
    expect(help.stdout).toMatch(new RegExp(`^  ${name} `, 'm'));
    expect(await run(name, '--help')).toEqual(await run('help', name));
  }
});
