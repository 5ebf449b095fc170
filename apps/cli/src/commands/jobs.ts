import { type Command, UsageError } from '../command.ts';
import { formatTable } from '../format-table.ts';
import { cancelSubcommand } from './jobs/cancel.ts';
import { deleteSubcommand } from './jobs/delete.ts';
import { listSubcommand } from './jobs/list.ts';
import { resultsSubcommand } from './jobs/results.ts';
import { retrySubcommand } from './jobs/retry.ts';
import { showSubcommand } from './jobs/show.ts';
import type { JobsSubcommand } from './jobs/subcommand.ts';
import { submitSubcommand } from './jobs/submit.ts';
import { watchSubcommand } from './jobs/watch.ts';

const SUBCOMMANDS: readonly JobsSubcommand[] = [
  submitSubcommand,
  listSubcommand,
  showSubcommand,
  watchSubcommand,
  resultsSubcommand,
  cancelSubcommand,
  retrySubcommand,
  deleteSubcommand,
];

export const jobsCommand: Command = {
  name: 'jobs',
  summary: 'run files of prompts as jobs, watch them and get their results',
  usage: [
    formatTable(SUBCOMMANDS.map(({ name, parameters, summary }) => [`prodigon jobs ${name} ${parameters}`, summary])),
    ...SUBCOMMANDS.filter(({ options }) => options.length > 0).map(({ name, options }) => `  ${name}\n${formatTable(options)}`),
    '  All take --url <url> for another gateway than the local one. An id may be cut to its first six or more\n' +
      '  characters where they name one of the newest jobs. Exit code 1 of submit and watch: not every prompt\n' +
      '  has an answer. Results and ids go to standard output, everything else to standard error.',
  ].join('\n\n'),
  async run([name, ...args], context) {
    const names = SUBCOMMANDS.map((subcommand) => subcommand.name).join(', ');
    if (name === undefined) throw new UsageError(`What shall be done? There are: ${names}.`);
    const subcommand = SUBCOMMANDS.find((candidate) => candidate.name === name);
    if (!subcommand) throw new UsageError(`There is no command "jobs ${name}". There are: ${names}.`);
    return subcommand.run(args, context);
  },
};
