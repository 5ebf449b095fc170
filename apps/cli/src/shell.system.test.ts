import { execFileSync, spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { runInProcess } from './run-prodigon.test-support.ts';

const LAUNCHER = join(import.meta.dirname, '../../../prodigon');

/** Completes `words` in bash with the printed script, as the Tab key does. */
async function completeInBash(...words: string[]): Promise<string[]> {
  const { stdout: script } = await runInProcess(['completion', 'bash'], {}).ended;
  const line = `COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _prodigon; printf '%s\\n' "\${COMPREPLY[@]}"`;
  const args = ['--norc', '-c', `${script}${line}`, 'bash', './prodigon', ...words];
  return execFileSync('bash', args, { encoding: 'utf8' }).trimEnd().split('\n');
}

it('completes options in bash', async () => {
  expect(await completeInBash('jobs', 'list', '--s')).toEqual(['--status', '--search']);
});

it.runIf(process.platform === 'linux')('explains that standard output cannot be written', () => {
  const { status, stderr } = spawnSync('sh', ['-c', '"$0" --help >/dev/full', LAUNCHER], { encoding: 'utf8' });
  expect({ status, stderr }).toEqual({ status: 1, stderr: 'Standard output cannot be written (ENOSPC).\n' });
});
