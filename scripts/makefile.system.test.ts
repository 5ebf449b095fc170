import { createApiClient } from '@prodigon/api-client';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { createFakeRepository, type FakeRepository } from './fake-repository.test-support.ts';
import { createRepositoryCopy, freePort, type RepositoryCopy, runInGroup } from './repository-copy.test-support.ts';

const WAIT = { timeout: 60_000, interval: 20 };

describe('the Makefile', () => {
  let repository: FakeRepository;
  beforeEach(() => {
    repository = createFakeRepository();
  });
  afterEach(() => repository.remove());

  const run = (...args: string[]) => runInGroup('make', args, repository.root, repository.env).ended;
  const runs = () => repository.runs().map(({ tool, args }) => [tool, ...args].join(' '));
  const installed = expect.stringMatching(/^npm install /);
  const built = ['vite build --logLevel warn', 'bundle gateway model worker monolith cli'];

  it('lists its targets when make runs without one', async () => {
    const { code, output } = await run();
    expect(code).toBe(0);
    expect([...output.matchAll(/^ {2}make ([a-z-]+) +\S/gm)].map(([, target]) => target)).toEqual(
      'help setup run run-gateway run-model run-worker test lint health install-frontend run-frontend build-frontend clean'.split(
        ' ',
      ),
    );
    expect(await run('help')).toEqual({ code, output });
  });

  it.each([
    ['setup', [installed, ...built]],
    ['install-frontend', [installed]],
    ['build-frontend', [installed, ...built]],
    ['test', [installed, ...built, 'vitest run --project unit --project system']],
    ['lint', [installed, 'tsc -p .', 'biome check .', expect.stringMatching(/^depcruise /), 'knip']],
    ['health', ['prodigon health']],
  ])('runs the tasks of %s and succeeds', async (target, expected) => {
    expect((await run(target)).code).toBe(0);
    expect(runs()).toEqual(expected);
  });

  it('passes ARGS to the task', async () => {
    await run('test', 'ARGS=packages/stack -t drains');
    expect(runs().at(-1)).toBe('vitest run --project unit --project system packages/stack -t drains');
  });

  it('fails when a task fails', async () => {
    repository.exitWith('knip', 1);
    expect((await run('lint')).code).not.toBe(0);
  });

  it('removes installed packages and build output but keeps data with clean', async () => {
    await run('setup');
    repository.write('.prodigon/data', 'precious');
    repository.write('apps/web/node_modules/one', '1');
    expect((await run('clean')).code).toBe(0);
    for (const path of ['node_modules', 'apps/web/node_modules', 'apps/web/dist', 'apps/worker/dist'])
      expect(repository.has(path)).toBe(false);
    for (const path of ['.prodigon/data', 'apps/web/src/main.tsx', 'package-lock.json']) expect(repository.has(path)).toBe(true);
  });
});

describe('long-running Makefile targets in a copy of the repository', () => {
  let copy: RepositoryCopy;
  beforeAll(async () => {
    copy = await createRepositoryCopy({ isBuilt: true });
  });
  afterEach(() => copy.stopAll());
  afterAll(() => copy.remove());

  const make = (...args: string[]) => copy.run('make', args);
  const client = () => createApiClient({ baseUrl: `http://127.0.0.1:${copy.env.GATEWAY_PORT}` });

  it('runs a complete platform with run-gateway, run-model and run-worker', async () => {
    make('run-model');
    make('run-worker');
    make('run-gateway');
    await vi.waitFor(async () => {
      expect((await client().overview()).services.map(({ status }) => status)).toEqual(['up', 'up', 'up']);
    }, WAIT);
    // The services reject this call unless they use the same internal token.
    const response = await client().generate({ prompt: 'Hi', model: 'prodigon-sim?ttft_ms=0&tokens_per_s=5000&tokens=5' });
    expect(response.usage.completion_tokens).toBe(5);
    expect(await make('health').ended).toMatchObject({ code: 0, output: expect.stringMatching(/model +up/) });
  });

  it('runs the whole platform with the web UI with run', async () => {
    const { output } = make('run', 'ARGS=--topology monolith');
    await vi.waitFor(() => expect(output()).toContain('Prodigon is running'), WAIT);
    expect(output()).not.toContain('not built');
    expect((await client().health()).status).toBe('ok');
  });

  it('serves the web UI for development with run-frontend', async () => {
    const port = await freePort();
    make('run-frontend', `ARGS=--host 127.0.0.1 --port ${port}`);
    await vi.waitFor(async () => {
      const response = await fetch(`http://127.0.0.1:${port}/`);
      expect(await response.text()).toContain('/@vite/client');
    }, WAIT);
  });
});
