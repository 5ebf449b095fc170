import { readdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { TaskDefinition } from '@prodigon/contracts/workshop';
import { expect, it } from 'vitest';
import { DOCUMENTS, ROOT, read } from '../../../packages/testing/src/documents.test-support.ts';
import { shellCommandsIn } from '../../../packages/testing/src/lessons/shell-commands.ts';
import { parseCommandLine } from './command-line-arguments.ts';
import { findCommand } from './complete-arguments.ts';
import { PRODIGON } from './main.ts';

type NamedTask = Pick<TaskDefinition, 'id' | 'slug' | 'lab' | 'stages'>;

/** A part of a command line that stands for a value, e.g. `<task>` or `[<check>]`. */
const isPlaceholder = (word: string) => /[<…]/.test(word);

/** Returns why a command line of `prodigon` is invalid, or nothing. */
function problemOf(words: readonly string[], tasks: readonly NamedTask[]): string | undefined {
  const args = words.slice(1).filter((word) => !/^\[|\]$/.test(word));
  if (args[0] === 'help' || args.includes('--help') || args.includes('--version')) return undefined;
  const { command, path, rest } = findCommand(PRODIGON, args);
  if (command.subcommands)
    return rest.length === 0 || isPlaceholder(rest[0] ?? '') ? undefined : `There is no command "${args.join(' ')}"`;
  try {
    const { values, positionals } = parseCommandLine(rest, command.options, command.parameters !== undefined);
    return path[0] === 'lab' ? problemOfLab(values, positionals, tasks) : undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

function problemOfLab(values: object, [name, second]: string[], tasks: readonly NamedTask[]): string | undefined {
  if (name === undefined || isPlaceholder(name)) return undefined;
  const task = tasks.find(({ id, slug, lab }) => [id, String(Number(id)), slug, lab].includes(name));
  if (!task) return `There is no task "${name}"`;
  const only = 'only' in values ? String(values.only).split(',') : [];
  const checks = [...only, ...(/^[a-z]+(?:-[a-z]+)+$/.test(second ?? '') ? [second ?? ''] : [])];
  const known = task.stages.flatMap((stage) => stage.checks);
  const unknown = checks.find((check) => !isPlaceholder(check) && !known.includes(check));
  return unknown && `Task ${task.id} has no check "${unknown}"`;
}

const TASK: NamedTask = {
  ...{ id: '01', slug: 'rest-vs-grpc', lab: 'transports' },
  stages: [{ id: 'zero', title: 'Zero', minutes: 5, goal: '', tested_by: '', checks: ['explicit-zero'] }],
};

it.each([
  'prodigon lab check 01 --only explicit-zero --seed 7',
  './prodigon lab hint rest-vs-grpc explicit-zero',
  './prodigon lab predict 1 a "because"',
  'prodigon lab check <task> --only <check>',
  'prodigon lab <command>',
  'prodigon jobs watch <id>',
  'prodigon lab --help',
])('accepts "%s"', (line) => {
  expect(shellCommandsIn(`\`${line}\``).map(({ words }) => problemOf(words, [TASK]))).toEqual([undefined]);
});

it.each([
  ['prodigon lab prove 01', 'There is no command "lab prove 01"'],
  ['prodigon lab run 01 --repeat 3', "Unknown option '--repeat'."],
  ['prodigon lab run 01 --seed', "Option '--seed <value>' argument missing."],
  ['prodigon lab run 12', 'There is no task "12"'],
  ['prodigon lab check 01 --only zero', 'Task 01 has no check "zero"'],
  ['prodigon lab hint 01 one-channel', 'Task 01 has no check "one-channel"'],
  ['prodigon lab status 01', "Unexpected argument '01'"],
])('reports the problem of "%s"', (line, problem) => {
  const [command] = shellCommandsIn(`\`\`\`sh run\n${line}\n\`\`\``);
  expect(problemOf(command?.words ?? [], [TASK])).toContain(problem);
});

it('the documentation and the lessons contain only valid commands of prodigon', () => {
  const tasks = readdirSync(ROOT).includes('workshop') ? readTasks() : [];
  const problems = DOCUMENTS.filter((path) => path !== 'CHANGELOG.md').flatMap((path) =>
    shellCommandsIn(read(path))
      .filter(({ words }) => /^(?:\.\/)?prodigon$/.test(words[0] ?? ''))
      .map(({ line, words }) => ({ line, problem: problemOf(words, tasks) }))
      .filter(({ problem }) => problem !== undefined)
      .map(({ line, problem }) => `${path}: ${line}: ${problem}`),
  );
  expect(problems).toEqual([]);
});

function readTasks(): NamedTask[] {
  return readdirSync(join(ROOT, 'workshop'), { recursive: true, encoding: 'utf8' })
    .filter((path) => basename(path) === 'task.json')
    .map((path) => JSON.parse(read(join('workshop', path))));
}
