import type { Command } from './command.ts';
import { type CommandOptions, flagOf } from './command-line-arguments.ts';
import { formatTable } from './format-table.ts';

/** Returns the help of a command. `path` is its full name, e.g. `['jobs', 'list']`, or empty for `./prodigon` itself. */
export function describeCommand(path: readonly string[], command: Command): string {
  const { summary, parameters, options, subcommands = [], notes = [] } = command;
  const name = ['./prodigon', ...path].join(' ');
  const rows = optionRows(options);
  const parts = [
    `${['prodigon', ...path].join(' ')}: ${summary}`,
    `  ${[name, parameters, rows.length > 0 && '[options]'].filter(Boolean).join(' ')}`,
    ...(subcommands.length > 0 ? [formatTable(subcommands.map((each) => [each.name, each.summary]))] : []),
    ...(rows.length > 0 ? [formatTable(rows)] : []),
    ...notes.map((note) => `  ${note}`),
    ...(subcommands.length > 0 ? [`  Run ./prodigon ${['help', ...path].join(' ')} <command> for details.`] : []),
  ];
  return parts.join('\n\n');
}

function optionRows(options: CommandOptions): string[][] {
  return Object.entries(options).map(([name, option]) => [
    [...(option.short ? [`-${option.short},`] : []), flagOf(name, option), ...(option.value ? [option.value] : [])].join(' '),
    option.description,
  ]);
}
