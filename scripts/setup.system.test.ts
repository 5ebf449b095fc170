import { type ChildProcess, spawn } from 'node:child_process';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createMiniRepository, type MiniRepository } from './fake-repository.test-support.ts';

const WAIT = { timeout: 60_000, interval: 10 };
let repository: MiniRepository;
const children: ChildProcess[] = [];

beforeEach(() => {
  repository = createMiniRepository();
});

afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
  repository.remove();
});

/** Runs the setup as npm would. `nodeOptions` go to the Node that runs it. */
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
  it('happens when nothing is installed, says how much it downloads, and not again', async () => {
    expect(await setup(['install']).ended).toEqual({
      code: 0,
      output: expect.stringMatching(/^Installing the packages, about \d+ MB to download \.\.\.\n$/),
    });
    expect(repository.runs()[0]?.args).toEqual(expect.arrayContaining(['install', '--no-save', '--loglevel=error']));
    expect(await setup(['install']).ended).toEqual({ code: 0, output: '' });
    expect(tools()).toEqual(['npm']);
  });

  it('happens again when the lockfile asks for something else', async () => {
    await setup(['install']).ended;
    repository.write('package-lock.json', JSON.stringify({ packages: { 'node_modules/one': { version: '2.0.0' } } }));
    expect((await setup(['install']).ended).output).toMatch(/^The lockfile has changed/);
    expect(tools()).toEqual(['npm', 'npm']);
  });

  it('needs nothing for packages that are optional, those of other machines', async () => {
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

  it("that fails shows npm's words and passes its exit code on", async () => {
    repository.exitWith('npm', 7);
    expect(await setup(['test']).ended).toMatchObject({
      code: 7,
      output: expect.stringMatching(/npm error of the test\nThe packages could not be installed/),
    });
  });
});

describe('the page', () => {
  it('is built when its sources have changed, and only then', async () => {
    expect((await setup(['build']).ended).output).toContain('Building the page ...');
    expect((await setup(['build']).ended).output).toBe('');
    repository.write('apps/web/src/main.test.tsx', '2');
    expect((await setup(['build']).ended).output).toBe('');
    repository.write('packages/contracts/src/index.ts', '2');
    expect((await setup(['build']).ended).output).toContain('Building the page ...');
    rmSync(join(repository.root, 'apps/web/dist'), { recursive: true });
    expect((await setup(['build']).ended).output).toContain('Building the page ...');
    expect(tools()).toEqual(['npm', 'vite', 'vite', 'vite']);
  });

  it('that does not build is tried again the next time', async () => {
    repository.exitWith('vite', 3);
    expect(await setup(['start']).ended).toMatchObject({ code: 3, output: expect.stringContaining('could not be built') });
    await setup(['build']).ended;
    expect(tools()).toEqual(['npm', 'vite', 'vite']);
  });
});

describe('start', () => {
  it('passes arguments on, and a signal once', async () => {
    const { child, ended, output } = setup(['start', '--topology', 'monolith']);
    await vi.waitFor(() => expect(output()).toContain('prodigon runs'), WAIT);
    repository.exitWith('prodigon', 5);
    child.kill('SIGINT');
    expect((await ended).code).toBe(5);
    expect(tools()).toEqual(['npm', 'vite', 'prodigon', 'prodigon']);
    expect(repository.runs().slice(2)).toMatchObject([{ args: ['start', '--topology', 'monolith'] }, { signals: ['SIGINT'] }]);
  });

  it('runs everything on Node 24, also what looks for node by its name', async () => {
    const { child, output, ended } = setup(['start']);
    await vi.waitFor(() => expect(output()).toContain('prodigon runs'), WAIT);
    child.kill('SIGTERM');
    await ended;
    for (const { version, versionByName } of repository.runs().slice(1, 3))
      expect([version, versionByName]).toEqual([process.version, process.version]);
  });
});

describe('check', () => {
  it('runs every check, names each, and fails when one fails', async () => {
    repository.exitWith('tsc', 2);
    const { code, output } = await setup(['check']).ended;
    expect(code).toBe(1);
    expect(tools()).toEqual(['npm', 'tsc', 'biome', 'depcruise', 'knip']);
    expect(output).toMatch(
      /Types \(tsc\)\n[\s\S]*\(biome\)\n[\s\S]*\(dependency-cruiser\)\n[\s\S]*\(knip\)\n[\s\S]*1 of 4 checks failed\.\n$/,
    );
  });

  it('passes when all pass', async () => {
    expect(await setup(['check']).ended).toMatchObject({ code: 0, output: expect.stringMatching(/All checks passed\.\n$/) });
  });
});

describe('test', () => {
  const argsOfVitest = () => repository.runs().at(-1)?.args.join(' ');

  it('builds the web UI, runs unit and system tests and passes arguments on to vitest', async () => {
    repository.exitWith('vitest', 1);
    expect((await setup(['test', 'packages/stack', '-t', 'drains']).ended).code).toBe(1);
    expect(tools()).toEqual(['npm', 'vite', 'vitest']);
    expect(argsOfVitest()).toBe('run --project unit --project system packages/stack -t drains');
  });

  it('builds nothing when only unit tests are selected', async () => {
    repository.write('packages/contracts/src/error.test.ts', '');
    repository.write('apps/gateway/src/start.system.test.ts', '');
    await setup(['test', 'packages/contracts']).ended;
    expect(tools()).toEqual(['npm', 'vitest']);
    expect(argsOfVitest()).toBe('run --project unit packages/contracts');
  });

  it('runs matrix tests when nothing else is selected, and test:all runs every test', async () => {
    repository.write('apps/gateway/src/start.system.test.ts', '');
    repository.write('apps/gateway/src/start.matrix.test.ts', '');
    await setup(['test', 'apps/gateway']).ended;
    expect(argsOfVitest()).toBe('run --project system apps/gateway');
    await setup(['test', 'start.matrix']).ended;
    expect(argsOfVitest()).toBe('run --project matrix start.matrix');
    await setup(['test:all']).ended;
    expect(argsOfVitest()).toBe('run');
  });
});

it('dev runs the platform and the page, and ends both when one ends', async () => {
  const { output, ended, child } = setup(['dev']);
  await vi.waitFor(() => expect(output()).toMatch(/prodigon runs[\s\S]*vite runs|vite runs[\s\S]*prodigon runs/), WAIT);
  child.kill('SIGTERM');
  await ended;
  expect(repository.runs().filter(({ signals }) => signals)).toHaveLength(2);
  expect(repository.runs().find(({ tool }) => tool === 'prodigon')?.args).toEqual(['start', '--watch']);
});

it('lists its tasks, and exits with 2 for one that it does not know', async () => {
  expect(await setup([]).ended).toMatchObject({ code: 0, output: expect.stringMatching(/^ {2}start /m) });
  expect(await setup(['constructor']).ended).toMatchObject({ code: 2 });
});

describe('machines', () => {
  const pretend = (code: string) => ['--import', `data:text/javascript,${encodeURIComponent(code)}`];
  const pretendNode = (version: string) =>
    pretend(`Object.defineProperty(process, 'version', { value: 'v${version}' });
             Object.defineProperty(process, 'versions', { value: { ...process.versions, node: '${version}' } });`);

  it('with a Node older than 20 are told so in one sentence', async () => {
    expect(await setup(['start'], pretendNode('18.20.1')).ended).toEqual({
      code: 1,
      output: 'Prodigon needs Node 20 or later to set itself up, and this is v18.20.1.\n',
    });
  });

  it('with Windows are sent to WSL', async () => {
    expect(await setup(['start'], pretend("Object.defineProperty(process, 'platform', { value: 'win32' })")).ended).toEqual({
      code: 1,
      output: 'Prodigon runs on Linux and macOS. On Windows, run it inside WSL 2.\n',
    });
  });

  it('with an older Node work on the one that came with the packages', async () => {
    expect((await setup(['test'], pretendNode('20.19.0')).ended).code).toBe(0);
    expect(repository.runs().at(-1)).toMatchObject({ tool: 'vitest', version: process.version });
  });

  it('without a pinned Node use their own, if it is new enough', async () => {
    await setup(['install']).ended;
    rmSync(join(repository.root, 'node_modules/.bin/node'));
    expect((await setup(['test']).ended).code).toBe(0);
    expect(await setup(['test'], pretendNode('22.1.0')).ended).toEqual({
      code: 1,
      output: 'Prodigon runs on Node 24 or later, and this is v22.1.0. Install Node 24 and try again.\n',
    });
  });
});
