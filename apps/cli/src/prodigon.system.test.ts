import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { createApiClient } from '@prodigon/api-client';
import { findOrphanedDatabase, inspectStack } from '@prodigon/stack';
import { copyClusterTemplate } from '@prodigon/testing';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { createCliFixture, runInProcess, spawnProdigon, WAIT } from './run-prodigon.test-support.ts';
import {
  CONTINUATION,
  type Platform,
  pidOf,
  processesOf,
  startPlatform,
  testRunningPlatform,
} from './running-platform.test-support.ts';

const ENDLESS = 'prodigon-sim?ttft_ms=0&tokens_per_s=20&tokens=8000';

// Each test continues with the platform of the one before.
describe('the platform as services', () => {
  let platform: Platform;
  beforeAll(async () => {
    platform = await startPlatform();
  });
  afterAll(() => platform?.close());

  testRunningPlatform('services', () => platform);

  it('stops a chat on Ctrl-C and keeps the text so far', async () => {
    const chat = spawnProdigon(['chat', '--model', ENDLESS, 'Go on'], platform.env);
    await chat.printed(/\w/);
    chat.child.kill('SIGINT');
    expect(await chat.ended).toMatchObject({
      code: 130,
      stdout: expect.stringMatching(/\w.*\n$/s),
      stderr: expect.stringMatching(CONTINUATION),
    });
    const client = createApiClient({ baseUrl: platform.url });
    await vi.waitFor(async () => expect((await client.overview()).streams.active).toBe(0), WAIT);
  });

  it('ends a chat quietly when the pipe is closed', async () => {
    const fast = 'prodigon-sim?ttft_ms=0&tokens_per_s=200&tokens=8000';
    const chat = spawnProdigon(['chat', '--model', fast, 'Go on'], platform.env);
    await chat.printed(/\w/);
    chat.child.stdout?.destroy();
    expect(await chat.ended).toMatchObject({ code: 0, stderr: '' });
  });

  it('rejects a second start and names the first', async () => {
    expect(await platform.run('start')).toMatchObject({
      code: 1,
      stderr: `Prodigon already runs at ${platform.url} (pid ${platform.command.child.pid}). Stop it with: ./prodigon stop\n`,
    });
  });

  it('migrates and backs up the running database, and rejects restore and reset', async () => {
    const { run, folder, command } = platform;
    const file = join(folder, 'all.backup');
    const status = await run('status');
    expect(status).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/database +\d+ +postgresql:\/\/127\.0\.0\.1:\d+\/prodigon/),
    });
    expect(status.stdout).toMatch(/worker +\d+ +http/);
    expect((await run('migrate')).code).toBe(0);
    expect((await run('backup', file)).code).toBe(0);
    for (const args of [
      ['restore', file, '--replace'],
      ['reset', '--yes'],
    ])
      expect(await run(...args)).toEqual({
        code: 1,
        stdout: '',
        stderr: `Prodigon is running (pid ${command.child.pid}). Stop it first: ./prodigon stop\n`,
      });
    expect((await run('status')).stdout).toBe(status.stdout);
  });

  it('reports a suspended model service as down, and restarts a killed one', async () => {
    const { run, command } = platform;
    const killed = pidOf(platform, 'model service');
    process.kill(killed, 'SIGSTOP');
    try {
      // The gateway first returns the result of a recent probe.
      const down = { code: 1, stdout: expect.stringMatching(/model +down/) };
      await vi.waitFor(async () => expect(await run('health')).toMatchObject(down), WAIT);
    } finally {
      process.kill(killed, 'SIGKILL');
    }
    await vi.waitFor(() => expect(command.stderr()).toContain('model service is ready again.'), WAIT);
    expect(command.stderr()).toContain('model service stopped (killed by SIGKILL). Restarting in 0.3 s.');
    expect(pidOf(platform, 'model service')).not.toBe(killed);
    await vi.waitFor(async () => expect((await run('health')).code).toBe(0), WAIT);
    expect((await run('status')).stdout).toMatch(/model service .*restarted once/);
    expect((await run('chat', 'What is a queue?')).code).toBe(0);
  });

  it('reports a database that does not respond, and the service that requires it as not ready', async () => {
    const { run, url } = platform;
    const database = pidOf(platform, 'database');
    const readiness = async () => (await fetch(`${url}/readyz`)).json();
    process.kill(database, 'SIGSTOP');
    // The processes of open connections would continue to respond.
    const connections = readFileSync(`/proc/${database}/task/${database}/children`, 'utf8').trim().split(' ').map(Number);
    for (const pid of connections) process.kill(pid, 'SIGSTOP');
    try {
      const down = {
        code: 1,
        stdout: expect.stringMatching(/model +up.*\n +worker +not ready .*\n +database +down +The database/),
      };
      await vi.waitFor(async () => expect(await run('health')).toMatchObject(down), WAIT);
      // Chat works without the database.
      const checks = expect.arrayContaining([expect.objectContaining({ name: 'worker service', ok: false, required: false })]);
      expect(await readiness()).toMatchObject({ ready: true, checks });
    } finally {
      for (const pid of [database, ...connections]) process.kill(pid, 'SIGCONT');
    }
    const up = { code: 0, stdout: expect.stringMatching(/database +up/) };
    await vi.waitFor(async () => expect(await run('health')).toMatchObject(up), WAIT);
  });

  it('lets open responses finish on Ctrl-C, and ends immediately on the second', async () => {
    const { command, env } = platform;
    const chat = runInProcess(['chat', '--no-save', '--model', ENDLESS, 'Go on'], env);
    await chat.printed(/\w/);
    command.child.kill('SIGINT');
    await vi.waitFor(() => expect(command.stderr()).toMatch(/"msg":"Stopping: .*Press Ctrl-C again/), WAIT);
    const before = chat.stdout().length;
    await vi.waitFor(() => expect(chat.stdout().length).toBeGreaterThan(before), WAIT);
    // The CLI ignores a signal soon after the first as a duplicate from npm, so the test repeats it.
    const again = setInterval(() => command.child.kill('SIGINT'), 100);
    expect((await command.ended).code).toBe(130);
    clearInterval(again);
    expect(await chat.ended).toMatchObject({ code: 1, stderr: expect.stringMatching(/^[A-Z][^\n]+\.\n$/) });
    expect(inspectStack(env.DATA_DIR)).toEqual({ phase: 'stopped' });
  });
});

describe('the platform as monolith', () => {
  let platform: Platform;
  beforeAll(async () => {
    platform = await startPlatform('--topology', 'monolith');
  });
  afterAll(() => platform?.close());

  testRunningPlatform('monolith', () => platform);

  it('adopts the database of a killed platform at the next start, and prodigon stop ends an orphaned one', async () => {
    const { run, env, command } = platform;
    const processes = processesOf(platform);
    command.child.kill('SIGKILL');
    await command.ended;
    expect(await run('status')).toMatchObject({
      code: 1,
      stdout: expect.stringMatching(/^Prodigon was killed without being stopped\./),
    });

    const second = await platform.start('--topology', 'monolith');
    const now = processesOf(platform);
    const servicePids = now.flatMap(({ service, process }) => (service === 'database' ? [] : [process?.pid]));
    for (const { process } of processes) expect(servicePids).not.toContain(process?.pid);
    const isDatabase = ({ service }: { service: string }) => service === 'database';
    expect(now.find(isDatabase)?.process).toEqual(processes.find(isDatabase)?.process);
    expect((await run('health', '--url', second.url)).code).toBe(0);

    second.command.child.kill('SIGKILL');
    await second.command.ended;
    expect(findOrphanedDatabase(env.DATA_DIR)).not.toBeNull();
    expect(await run('stop')).toMatchObject({
      code: 0,
      stderr: expect.stringMatching(/The database of an earlier start still runs \(pid \d+\)\./),
    });
    expect(findOrphanedDatabase(env.DATA_DIR)).toBeNull();
  });
});

it('keeps serving with one of two model services, shows both, and stops together with its database on prodigon stop', async () => {
  const platform = await startPlatform('--replicas', 'model=2');
  const { url, command, run, env } = platform;
  try {
    const message = command.stdout();
    expect(message).toMatch(/model service 1 {2}http:\/\/\S+\n[^\n]*"model service 2 {2}http:\/\/\S+\n/);
    const second = processesOf(platform).find(({ title }) => title === 'model service 2');
    expect(message).toContain(second?.url);
    expect((await run('status')).stdout).toMatch(/^ +model service 1 +\d+.*\n +model service 2 +\d+/m);
    await vi.waitFor(async () => expect((await run('health')).stdout).toMatch(/^ +model 1 +up.*\n +model 2 +up/m), WAIT);

    process.kill(second?.process?.pid ?? 0, 'SIGSTOP');
    try {
      expect((await run('status')).code).toBe(0);
      const down = { code: 1, stdout: expect.stringMatching(/^ +model 1 +up.*\n +model 2 +down/m) };
      await vi.waitFor(async () => expect(await run('health')).toMatchObject(down), WAIT);
      expect((await fetch(`${url}/readyz`)).status).toBe(200);
    } finally {
      process.kill(second?.process?.pid ?? 0, 'SIGKILL');
    }
    for (let question = 0; question < 3; question++) expect((await run('chat', 'What is a replica?')).code).toBe(0);
    await vi.waitFor(() => expect(command.stderr()).toContain('model service 2 is ready again.'), WAIT);
    expect((await run('status')).stdout).toMatch(/^ +model service 2 .*restarted once/m);
    await vi.waitFor(async () => expect((await run('health')).code).toBe(0), WAIT);

    expect(await run('stop')).toMatchObject({ code: 0, stdout: 'Prodigon has stopped.\n' });
    expect((await command.ended).code).toBe(0);
    expect(await run('status')).toMatchObject({ code: 0, stdout: 'Prodigon is not running.\n' });
    expect(findOrphanedDatabase(env.DATA_DIR)).toBeNull();
  } finally {
    await platform.close();
  }
});

it('runs the worker alone with its database, and prodigon stop ends both', async () => {
  const fixture = createCliFixture();
  await copyClusterTemplate(fixture.env.DATA_DIR);
  try {
    const { command } = await fixture.start('--only', 'worker');
    expect(command.stdout()).toMatch(/"msg":"The worker service is running: http[^\n]+\n[^\n]*"msg":"Stop/);
    expect((await fixture.run('status')).stdout).toMatch(/\(worker alone\) runs at .*\n.*\n {2}database +\d.*\n {2}worker +\d/);
    expect(await fixture.run('health')).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/^No gateway responds at \S+\. This machine runs only the worker service\. .*--url\.\n$/),
    });
    expect((await fixture.run('stop')).code).toBe(0);
    expect((await command.ended).code).toBe(0);
    expect(await fixture.run('status')).toMatchObject({ code: 0, stdout: 'Prodigon is not running.\n' });
  } finally {
    await fixture.close();
  }
});

describe('the prodigon executable', () => {
  it.each([
    [['frobnicate'], 2],
    [['health', '--url', 'http://127.0.0.1:9'], 1],
    [['--version'], 0],
  ])('prodigon %j exits with %i', async (args, code) => {
    const { env, close } = createCliFixture();
    const result = await spawnProdigon(args, env).ended;
    expect(result).toEqual({ ...(await runInProcess(args, env).ended), code });
    await close();
  });

  it('exits with 78 and lists every problem of the configuration, without a stack trace', async () => {
    const { env, close } = createCliFixture();
    const result = await spawnProdigon(['start'], { ...env, MODEL_PORT: 'x', LOG_LEVEL: 'loud' }).ended;
    expect(result).toMatchObject({ code: 78, stdout: '' });
    expect(result.stderr).toMatch(/^The configuration has 2 problems:\n {2}MODEL_PORT .*\n {2}LOG_LEVEL .*\n$/);
    await close();
  });

  it('names the variable of a port that is in use', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as { port: number };
    const { env, close } = createCliFixture({ GATEWAY_PORT: String(port) });
    expect(await runInProcess(['start'], env).ended).toMatchObject({
      code: 78,
      stderr: `Port ${port} is taken by another program. Stop it, or set GATEWAY_PORT to a free port.\n`,
    });
    expect(existsSync(join(env.DATA_DIR, 'database'))).toBe(false);
    server.close();
    await close();
  });
});
