import { createApiClient } from '@prodigon/api-client';
import { matrixOf } from '@prodigon/testing';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { createFakeRepository, type FakeRepository } from './fake-repository.test-support.ts';
import { createRepositoryCopy, type RepositoryCopy, runInGroup } from './repository-copy.test-support.ts';

const WAIT = { timeout: 60_000, interval: 20 };

describe.each(matrixOf(['the Makefile'], () => true))('%s', () => {
  let repository: FakeRepository;
  beforeEach(() => {
    repository = createFakeRepository();
  });
  afterEach(() => repository.remove());

  const run = (...args: string[]) => runInGroup('make', args, repository.root, repository.env).ended;
  const runs = () => repository.runs().map(({ tool, args }) => [tool, ...args].join(' '));
  const built = [
    expect.stringMatching(/^npm install /),
    'vite build --logLevel warn',
    'bundle gateway model worker monolith lab cli',
  ];

  it('lists its targets when make runs without one', async () => {
    const { code, output } = await run();
    expect(code).toBe(0);
    expect([...output.matchAll(/^ {2}make ([a-z-]+) +\S/gm)].map(([, target]) => target)).toEqual(
      'help setup run run-gateway run-model run-worker test lint health install-frontend run-frontend build-frontend run-docker update-docker stop-docker clean'.split(
        ' ',
      ),
    );
    expect(await run('help')).toEqual({ code, output });
  });

  it.each([
    ['setup', 'scripts/setup.mjs setup'],
    ['run', 'scripts/setup.mjs start --one two'],
    ['run-gateway', 'scripts/setup.mjs gateway'],
    ['run-model', 'scripts/setup.mjs model'],
    ['run-worker', 'scripts/setup.mjs worker --one two'],
    ['test', 'scripts/setup.mjs test --one two'],
    ['lint', 'scripts/setup.mjs check'],
    ['health', 'apps/cli/bin/prodigon.mjs health --one two'],
    ['install-frontend', 'scripts/setup.mjs install'],
    ['run-frontend', 'scripts/setup.mjs web --one two'],
    ['build-frontend', 'scripts/setup.mjs build'],
  ])('has one command for %s, with ARGS if the task takes arguments', async (target, command) => {
    const { code, output } = await run('--dry-run', '--no-print-directory', target, 'ARGS=--one two');
    expect({ code, output: output.trim() }).toEqual({ code: 0, output: `node ${command}` });
  });

  it.each([
    ['run-docker', 'scripts/containers.sh run'],
    ['update-docker', 'scripts/containers.sh update'],
    ['stop-docker', 'scripts/containers.sh stop'],
  ])('calls a script that needs no Node for %s', async (target, command) => {
    const { code, output } = await run('--dry-run', '--no-print-directory', target);
    expect({ code, output: output.trim() }).toEqual({ code: 0, output: command });
  });

  it('runs the task and passes ARGS to it', async () => {
    expect((await run('test', 'ARGS=packages/stack -t drains')).code).toBe(0);
    expect(runs()).toEqual([...built, 'vitest run --project unit --project system packages/stack -t drains']);
  });

  it('fails when a task fails', async () => {
    repository.exitWith('knip', 1);
    expect((await run('lint')).code).not.toBe(0);
    expect(runs().slice(1)).toEqual([
      'tsc -p .',
      'biome check .',
      expect.stringMatching(/^depcruise /),
      'check-protobuf',
      'knip',
    ]);
  });

  it.each([
    ['run', 'ARGS=--topology monolith', 'prodigon start --topology monolith'],
    ['run-frontend', 'ARGS=--port 7', 'vite --host 127.0.0.1 --port 7'],
  ])('runs the task of %s until a signal', async (target, args, expected) => {
    const { output, signalAll, ended } = runInGroup('make', [target, args], repository.root, repository.env);
    const [tool] = expected.split(' ');
    await vi.waitFor(() => expect(output()).toContain(`${tool} runs`), WAIT);
    signalAll('SIGTERM');
    await ended;
    expect(runs().at(-1)).toBe(expected);
    expect(repository.runs().at(-1)?.signals).toContain('SIGTERM');
  });

  it('removes installed packages and build output but keeps data with clean', async () => {
    expect((await run('setup')).code).toBe(0);
    expect(runs()).toEqual(built);
    repository.write('.prodigon/data', 'precious');
    repository.write('apps/web/node_modules/one', '1');
    expect((await run('clean')).code).toBe(0);
    for (const path of ['node_modules', 'apps/web/node_modules', 'apps/web/dist', 'apps/worker/dist'])
      expect(repository.has(path)).toBe(false);
    for (const path of ['.prodigon/data', 'apps/web/src/main.tsx', 'package-lock.json']) expect(repository.has(path)).toBe(true);
  });
});

describe.each(matrixOf(['the Makefile in a copy of the repository'], () => false))('%s', () => {
  let copy: RepositoryCopy;
  beforeAll(async () => {
    copy = await createRepositoryCopy({ isBuilt: true });
  });
  afterAll(async () => {
    await copy.stopAll();
    copy.remove();
  });

  const make = (...args: string[]) => copy.run('make', args);
  const client = () => createApiClient({ baseUrl: `http://127.0.0.1:${copy.env.GATEWAY_PORT}` });

  it('runs a complete platform with run-gateway, run-model and run-worker', async () => {
    make('run-model');
    make('run-worker');
    make('run-gateway');
    await vi.waitFor(async () => {
      const { services } = await client().overview();
      expect(services.map(({ name, status }) => `${name} ${status}`)).toEqual([
        'gateway up',
        'model up',
        'worker up',
        'database up',
      ]);
    }, WAIT);
    // The services reject this call unless they use the same internal token.
    const response = await client().generate({ prompt: 'Hi', model: 'prodigon-sim?ttft_ms=0&tokens_per_s=5000&tokens=5' });
    expect(response.usage.completion_tokens).toBe(5);
    expect(await make('health').ended).toMatchObject({ code: 0, output: expect.stringMatching(/model +up/) });
  });
});
