import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createFakeRepository, type FakeRepository } from './fake-repository.test-support.ts';
import { runInGroup } from './repository-copy.test-support.ts';

const WAIT = { timeout: 60_000, interval: 20 };

describe('the shell scripts', () => {
  let repository: FakeRepository;
  let elsewhere: string;
  beforeEach(() => {
    repository = createFakeRepository();
    elsewhere = mkdtempSync(join(tmpdir(), 'prodigon-elsewhere-'));
  });
  afterEach(() => {
    repository.remove();
    rmSync(elsewhere, { recursive: true });
  });

  /** Runs a script from another folder, as its path alone. */
  const start = (script: string, ...args: string[]) =>
    runInGroup(join(repository.root, 'scripts', script), args, elsewhere, repository.env);
  const runs = () => repository.runs().map(({ tool, args }) => [tool, ...args].join(' '));

  it('installs and builds everything with setup.sh', async () => {
    expect(await start('setup.sh').ended).toMatchObject({ code: 0 });
    expect(runs()).toEqual([
      expect.stringMatching(/^npm install /),
      'vite build --logLevel warn',
      'bundle gateway model worker monolith lab cli',
    ]);
  });

  it('starts the platform with run_all.sh until a signal, with the arguments of the caller', async () => {
    const { output, signalAll, ended } = start('run_all.sh', '--replicas', 'model=2');
    await vi.waitFor(() => expect(output()).toContain('prodigon runs'), WAIT);
    signalAll('SIGTERM');
    await ended;
    expect(runs().at(-1)).toBe('prodigon start --replicas model=2');
    expect(repository.runs().at(-1)?.signals).toContain('SIGTERM');
  });

  it('returns the result of the health command from check_health.sh', async () => {
    repository.exitWith('prodigon', 1);
    expect(await start('check_health.sh', '--json').ended).toMatchObject({ code: 1 });
    expect(runs()).toEqual(['prodigon health --json']);
  });
});
