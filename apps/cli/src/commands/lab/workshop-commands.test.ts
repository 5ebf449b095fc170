import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { labCommand } from '../lab.ts';
import { LAB_EXIT_CODES } from './lab-command.ts';

const page = readFileSync(new URL('../../../../../docs/architecture/workshop-commands.md', import.meta.url), 'utf8');
const rows = (pattern: RegExp) => [...page.matchAll(pattern)].map((match) => match.slice(1));
const commands = labCommand.subcommands ?? [];

it('documents every command with its parameters', () => {
  const expected = commands.map(({ name, parameters }) => [name, parameters].filter(Boolean).join(' '));
  expect(rows(/^\| `([a-z]+[^`]*)` \| [A-Z]/gm).flat()).toEqual(expected);
});

it('documents every option with the commands that have it', () => {
  const names = [...new Set(commands.flatMap(({ options }) => Object.keys(options)))];
  const expected = names.map((name) => {
    const owners = commands.filter(({ options }) => name in options);
    const value = owners[0]?.options[name]?.value;
    const flag = value ? `--${name} ${value}` : `--${name}`;
    return [flag, owners.length === commands.length ? 'all' : owners.map((owner) => `\`${owner.name}\``).join(', ')];
  });
  expect(rows(/^\| `(--[^`]+)` \| ([^|]+) \|/gm).sort()).toEqual(expected.sort());
});

it('documents the exit codes', () => {
  const documented = rows(/^\| (\d+) \| /gm)
    .flat()
    .map(Number);
  expect(documented).toEqual([0, LAB_EXIT_CODES.checkFailed, 2, LAB_EXIT_CODES.couldNotRun, 78, 130]);
});
