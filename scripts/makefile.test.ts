import { type ChildProcess, spawn } from 'node:child_process';
import { cpSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createApiClient } from '@prodigon/api-client';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { createMiniRepository, type MiniRepository } from './mini-repository.test-support.ts';

const ROOT = join(import.meta.dirname, '..');
const WAIT = { timeout: 60_000, interval: 20 };
const running: { child: ChildProcess; ended: Promise<unknown> }[] = [];

/** Runs make in a process group of its own, which is how a terminal would end everything that it started. */
function make(args: string[], root: string, env: NodeJS.ProcessEnv) {
  const child = spawn('make', args, { cwd: root, env, detached: true });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text: string) => (output += text));
  const ended = new Promise<{ code: number | null; output: string }>((resolve) =>
    child.once('close', (code) => resolve({ code, output })),
  );
  running.push({ child, ended });
  return { ended, output: () => output };
}

async function stopAll(): Promise<void> {
  for (const { child, ended } of running.splice(0)) {
    if (child.pid !== undefined && child.exitCode === null && child.signalCode === null) process.kill(-child.pid, 'SIGTERM');
    await ended;
  }
}

describe('the targets of the Makefile', () => {
  let repository: MiniRepository;
  beforeEach(() => {
    repository = createMiniRepository();
  });
  afterEach(async () => {
    await stopAll();
    repository.remove();
  });

  const run = (...args: string[]) => make(args, repository.root, repository.env).ended;
  const runs = () => repository.runs().map(({ tool, args }) => [tool, ...args].join(' '));
  const installed = expect.stringMatching(/^npm install /);

  it('are listed by make alone', async () => {
    const { code, output } = await run();
    expect(code).toBe(0);
    expect([...output.matchAll(/^ {2}make ([a-z-]+) +\S/gm)].map(([, target]) => target)).toEqual(
      'help setup run run-gateway run-model test lint health install-frontend run-frontend build-frontend clean'.split(' '),
    );
    expect(await run('help')).toEqual({ code, output });
  });

  it.each([
    ['setup', [installed, 'vite build --logLevel warn']],
    ['install-frontend', [installed]],
    ['build-frontend', [installed, 'vite build --logLevel warn']],
    ['test', [installed, 'vite build --logLevel warn', 'vitest run']],
    ['lint', [installed, 'tsc -p .', 'biome check .', expect.stringMatching(/^depcruise /), 'knip']],
    ['health', ['prodigon health']],
  ])('%s does its work and succeeds', async (target, expected) => {
    expect((await run(target)).code).toBe(0);
    expect(runs()).toEqual(expected);
  });

  it('pass ARGS on', async () => {
    await run('test', 'ARGS=packages/stack -t drains');
    expect(runs().at(-1)).toBe('vitest run packages/stack -t drains');
  });

  it('fail when what they run fails', async () => {
    repository.exitWith('knip', 1);
    expect((await run('lint')).code).not.toBe(0);
  });

  it('clean removes what was installed and built, and no data', async () => {
    await run('setup');
    repository.write('.prodigon/data', 'precious');
    repository.write('apps/web/node_modules/one', '1');
    expect((await run('clean')).code).toBe(0);
    for (const path of ['node_modules', 'apps/web/node_modules', 'apps/web/dist']) expect(repository.has(path)).toBe(false);
    for (const path of ['.prodigon/data', 'apps/web/src/main.tsx', 'package-lock.json']) expect(repository.has(path)).toBe(true);
  });
});

describe('the targets that go on running, in a copy of the repository', () => {
  let root: string;
  let env: NodeJS.ProcessEnv;

  beforeAll(async () => {
    root = mkdtempSync(join(tmpdir(), 'prodigon-make-'));
    const isNoSource = /(^|\/)(node_modules|dist|\.prodigon|\.env)$/;
    for (const path of [
      'Makefile',
      'package.json',
      'package-lock.json',
      'scripts',
      'packages',
      'services',
      'apps',
      'README.md',
      'docs',
    ]) {
      cpSync(join(ROOT, path), join(root, path), { recursive: true, filter: (from) => !isNoSource.test(from) });
    }
    symlinkSync(join(ROOT, 'node_modules'), join(root, 'node_modules'));
    const { PATH, HOME } = process.env;
    const [gateway, model] = [await freePort(), await freePort()];
    env = { PATH, HOME, USE_MOCK: 'true', DATA_DIR: join(root, 'data'), GATEWAY_PORT: `${gateway}`, MODEL_PORT: `${model}` };
  });
  afterEach(stopAll);
  afterAll(() => rmSync(root, { recursive: true, force: true }));

  const client = () => createApiClient({ baseUrl: `http://127.0.0.1:${env.GATEWAY_PORT}` });

  it('run-gateway and run-model together are the platform, and health says so', async () => {
    make(['run-model'], root, env);
    make(['run-gateway'], root, env);
    await vi.waitFor(async () => {
      expect((await client().overview()).services.map(({ status }) => status)).toEqual(['up', 'up']);
    }, WAIT);
    // They have shown each other the same token, or this would be refused.
    const answer = await client().generate({ prompt: 'Hi', model: 'prodigon-sim?ttft_ms=0&tokens_per_s=5000&tokens=5' });
    expect(answer.usage.completion_tokens).toBe(5);
    expect(await make(['health'], root, env).ended).toMatchObject({ code: 0, output: expect.stringMatching(/model +up/) });
  });

  it('run is the whole platform with its page', async () => {
    const { output } = make(['run', 'ARGS=--topology monolith'], root, env);
    await vi.waitFor(() => expect(output()).toContain('Prodigon is running'), WAIT);
    expect(output()).not.toContain('not built');
    expect((await client().health()).status).toBe('ok');
  });

  it('run-frontend serves the page for development', async () => {
    const port = await freePort();
    make(['run-frontend', `ARGS=--host 127.0.0.1 --port ${port}`], root, env);
    await vi.waitFor(async () => {
      const response = await fetch(`http://127.0.0.1:${port}/`);
      expect(await response.text()).toContain('/@vite/client');
    }, WAIT);
  });
});

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer();
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as { port: number };
      server.close(() => resolve(port));
    });
  });
}
