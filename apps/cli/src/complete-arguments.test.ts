import { expect, it } from 'vitest';
import { runInProcess } from './run-prodigon.test-support.ts';

async function complete(...words: string[]): Promise<string[]> {
  const { code, stdout } = await runInProcess(['__complete', ...words], {}).ended;
  expect(code).toBe(0);
  return stdout
    .split('\n')
    .filter(Boolean)
    .map((line) => line.split('\t')[0] ?? '');
}

it.each([
  [['he'], ['health']],
  [
    ['jobs', ''],
    ['submit', 'list', 'show', 'watch', 'results', 'cancel', 'retry', 'delete'],
  ],
  [
    ['jobs', 'list', '--s'],
    ['--status', '--search'],
  ],
  [['jobs', 'submit', '--no'], ['--no-watch']],
  [
    ['jobs', 'list', '--status', 'c'],
    ['completed', 'cancelled'],
  ],
  [
    ['start', '--only', ''],
    ['model', 'worker', 'gateway'],
  ],
  [
    ['help', 'jobs', 're'],
    ['results', 'retry'],
  ],
  [
    ['completion', ''],
    ['bash', 'zsh', 'fish'],
  ],
  [['jobs', 'submit', 'qu'], []],
  [['unknown', 'x'], []],
])('completes %j', async (words, expected) => {
  expect(await complete(...words)).toEqual(expected);
});

it('describes each candidate after a tab', async () => {
  expect((await runInProcess(['__complete', 'heal'], {}).ended).stdout).toBe(
    'health\tshow the health of each service and the database\n',
  );
});

it('does not complete the hidden command that the scripts call', async () => {
  expect((await complete('')).join()).toMatch(/^start,stop,.*,reset,completion$/);
});
