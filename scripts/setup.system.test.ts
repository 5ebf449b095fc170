import { type ChildProcess, spawn } from 'node:child_process';
import { realpathSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createFakeRepository, type FakeRepository } from './fake-repository.test-support.ts';

const WAIT = { timeout: 60_000, interval: 10 };
let repository: FakeRepository;
const children: ChildProcess[] = [];

beforeEach(() => {
  repository = createFakeRepository();
});

afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
  repository.remove();
});

/** Runs the setup like npm, with these options of Node. */
function setup(args: string[], nodeOptions: string[] = []) {
  const child = spawn(process.execPath, [...nodeOptions, join(repository.root, 'scripts/setup.mjs'), ...args], {
    env: repository.env,
  });
  children.push(child);
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text: string) => (output += text));
  const ended = new Promise<{ code: number | null; output: string }>((resolve) =>
    child.once('close', (code) => resolve({ code, output })),
  );
  return { child, ended, output: () => output };
}

const tools = () => repository.runs().map(({ tool }) => tool);

describe('installing', () => {
  it('installs the packages once and reports the download size', async () => {
    expect(await setup(['install']).ended).toEqual({
      code: 0,
      output: expect.stringMatching(/^Installing the packages, about \d+ MB to download \.\.\.\n$/),
    });
    expect(repository.runs()[0]?.args).toEqual(expect.arrayContaining(['install', '--no-save', '--loglevel=error']));
    expect(await setup(['install']).ended).toEqual({ code: 0, output: '' });
    expect(tools()).toEqual(['npm']);
  });

  it('reinstalls the packages when the lockfile has changed', async () => {
    await setup(['install']).ended;
    repository.write('package-lock.json', JSON.stringify({ packages: { 'node_modules/one': { version: '2.0.0' } } }));
    expect((await setup(['install']).ended).output).toMatch(/^The lockfile has changed/);
    expect(tools()).toEqual(['npm', 'npm']);
  });

  it('does not reinstall for optional packages of other platforms', async () => {
    await setup(['install']).ended;
    repository.write(
      'package-lock.json',
      JSON.stringify({
        packages: { 'node_modules/one': { version: '1.0.0' }, 'node_modules/for-macos': { version: '1.0.0', optional: true } },
      }),
    );
    await setup(['install']).ended;
    expect(tools()).toEqual(['npm']);
  });

  it("shows npm's output and exits with its code when the installation fails", async () => {
    repository.exitWith('npm', 7);
    expect(await setup(['test']).ended).toMatchObject({
      code: 7,
      output: expect.stringMatching(/npm error of the test\nThe packages could not be installed/),
    });
  });
});

describe('building', () => {
  it('builds the web UI only when its sources have changed', async () => {
    expect((await setup(['build']).ended).output).toContain('Building the web UI ...');
    expect((await setup(['build']).ended).output).toBe('');
    repository.write('apps/web/src/main.test.tsx', '2');
    expect((await setup(['build']).ended).output).toBe('');
    repository.write('packages/contracts/src/index.ts', '2');
    expect((await setup(['build']).ended).output).toContain('Building the web UI ...');
    rmSync(join(repository.root, 'apps/web/dist'), { recursive: true });
    expect((await setup(['build']).ended).output).toContain('Building the web UI ...');
    expect(tools()).toEqual(['npm', 'vite', 'bundle', 'vite', 'vite']);
  });

  it('bundles only the apps whose sources have changed', async () => {
    expect((await setup(['build']).ended).output).toContain('Bundling the apps ...');
    repository.write('apps/worker/src/main.ts', 'changed');
    expect((await setup(['build']).ended).output).toContain('Bundling the apps ...');
    const bundled = repository.runs().filter(({ tool }) => tool === 'bundle');
    expect(bundled.map(({ args }) => args)).toEqual([['gateway', 'model', 'worker', 'monolith', 'lab', 'cli'], ['worker']]);
  });

  it.each([
    ['vite', 'The web UI could not be built'],
    ['bundle', 'The apps could not be bundled'],
  ])('repeats a failed %s build on the next run', async (tool, message) => {
    repository.exitWith(tool, 3);
    expect(await setup(['start']).ended).toMatchObject({ code: 3, output: expect.stringContaining(message) });
    expect(tools()).not.toContain('prodigon');
    await setup(['build']).ended;
    expect(tools().filter((each) => each === tool)).toHaveLength(2);
  });
});

describe('start', () => {
  it('passes its arguments to the CLI and forwards a signal once', async () => {
    const { child, ended, output } = setup(['start', '--topology', 'monolith']);
    await vi.waitFor(() => expect(output()).toContain('prodigon runs'), WAIT);
    repository.exitWith('prodigon', 5);
    child.kill('SIGINT');
    expect((await ended).code).toBe(5);
    expect(tools()).toEqual(['npm', 'vite', 'bundle', 'prodigon', 'prodigon']);
    expect(repository.runs().slice(3)).toMatchObject([{ args: ['start', '--topology', 'monolith'] }, { signals: ['SIGINT'] }]);
  });

  it('runs every tool on Node 24, with Node 24 first in its PATH', async () => {
    const { child, output, ended } = setup(['start']);
    await vi.waitFor(() => expect(output()).toContain('prodigon runs'), WAIT);
    child.kill('SIGTERM');
    await ended;
    const runs = repository.runs().slice(1, 4);
    expect(runs.map(({ tool }) => tool)).toEqual(['vite', 'bundle', 'prodigon']);
    for (const { version, nodePath } of runs)
      expect([version, nodePath]).toEqual([process.version, realpathSync(process.execPath)]);
  });
});

describe('check', () => {
  it('runs every check, prints its title and fails when one fails', async () => {
    repository.exitWith('tsc', 2);
    const { code, output } = await setup(['check']).ended;
    expect(code).toBe(1);
    expect(tools()).toEqual(['npm', 'tsc', 'biome', 'depcruise', 'check-protobuf', 'knip']);
    expect(output).toMatch(
      /Types \(tsc\)\n[\s\S]*\(biome\)\n[\s\S]*\(dependency-cruiser\)\n[\s\S]*\(buf\)\n[\s\S]*\(knip\)\n[\s\S]*1 of 5 checks failed\.\n$/,
    );
  });

  it('succeeds when every check passes', async () => {
    expect(await setup(['check']).ended).toMatchObject({ code: 0, output: expect.stringMatching(/All checks passed\.\n$/) });
  });
});

describe('test', () => {
  const vitestArgs = () => repository.runs().at(-1)?.args.join(' ');

  it('builds, runs unit and system tests and passes its arguments to vitest', async () => {
    repository.exitWith('vitest', 1);
    expect((await setup(['test', 'packages/stack', '-t', 'drains']).ended).code).toBe(1);
    expect(tools()).toEqual(['npm', 'vite', 'bundle', 'vitest']);
    expect(vitestArgs()).toBe('run --project unit --project system packages/stack -t drains');
  });

  it('builds nothing when only unit tests are selected', async () => {
    repository.write('packages/contracts/src/error.test.ts', '');
    repository.write('apps/gateway/src/start.system.test.ts', '');
    await setup(['test', 'packages/contracts']).ended;
    expect(tools()).toEqual(['npm', 'vitest']);
    expect(vitestArgs()).toBe('run --project unit packages/contracts');
  });

  it('leaves the rest of the test matrix to test:all', async () => {
    repository.write('apps/gateway/src/start.matrix.test.ts', '');
    await setup(['test', 'apps/gateway']).ended;
    expect(vitestArgs()).toBe('run --project system apps/gateway');
    await setup(['test:all']).ended;
    expect(vitestArgs()).toBe('run --project unit --project system --project matrix');
    await setup(['test:all', '--project', 'matrix']).ended;
    expect(vitestArgs()).toBe('run --project matrix');
  });

  it('leaves the tests that install clients to test:clients', async () => {
    repository.write('packages/testing/src/agents.clients.test.ts', '');
    repository.write('packages/testing/src/gate.test.ts', '');
    await setup(['test', 'packages/testing']).ended;
    expect(vitestArgs()).toBe('run --project unit packages/testing');
    await setup(['test:clients', '--update']).ended;
    expect(vitestArgs()).toBe('run --project clients --update');
  });
});

it('runs the platform and the web UI for development, and stops both when one ends', async () => {
  const { output, ended, child } = setup(['dev']);
  await vi.waitFor(() => expect(output()).toMatch(/prodigon runs[\s\S]*vite runs|vite runs[\s\S]*prodigon runs/), WAIT);
  child.kill('SIGTERM');
  await ended;
  expect(repository.runs().filter(({ signals }) => signals)).toHaveLength(2);
  expect(repository.runs().find(({ tool }) => tool === 'prodigon')?.args).toEqual(['start', '--watch']);
});

it('lists its tasks, and exits with 2 for an unknown one', async () => {
  expect(await setup([]).ended).toMatchObject({ code: 0, output: expect.stringMatching(/^ {2}start /m) });
  expect(await setup(['constructor']).ended).toMatchObject({ code: 2 });
});

describe('supported platforms', () => {
  const pretend = (code: string) => ['--import', `data:text/javascript,${encodeURIComponent(code)}`];
  const pretendNode = (version: string) =>
    pretend(`Object.defineProperty(process, 'version', { value: 'v${version}' });
             Object.defineProperty(process, 'versions', { value: { ...process.versions, node: '${version}' } });`);

  it('rejects a Node older than 20 with one sentence', async () => {
    expect(await setup(['start'], pretendNode('18.20.1')).ended).toEqual({
      code: 1,
      output: 'Prodigon needs Node 20 or later to set itself up, and this is v18.20.1.\n',
    });
  });

  it('refers Windows users to WSL', async () => {
    expect(await setup(['start'], pretend("Object.defineProperty(process, 'platform', { value: 'win32' })")).ended).toEqual({
      code: 1,
      output: 'Prodigon runs on Linux and macOS. On Windows, run it inside WSL 2.\n',
    });
  });

  it('runs on the pinned Node when the installed one is too old', async () => {
    expect((await setup(['test'], pretendNode('20.19.0')).ended).code).toBe(0);
    expect(repository.runs().at(-1)).toMatchObject({ tool: 'vitest', version: process.version });
  });

  it('runs on the installed Node when there is no pinned one and it is new enough', async () => {
    await setup(['install']).ended;
    rmSync(join(repository.root, 'node_modules/.bin/node'));
    expect((await setup(['test']).ended).code).toBe(0);
    expect(await setup(['test'], pretendNode('22.1.0')).ended).toEqual({
      code: 1,
      output: 'Prodigon runs on Node 24 or later, and this is v22.1.0. Install Node 24 and try again.\n',
    });
  });
});
