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
  summary: 'submit, watch and manage batch jobs',
  usage: [
    formatTable(SUBCOMMANDS.map(({ name, parameters, summary }) => [`prodigon jobs ${name} ${parameters}`, summary])),
    ...SUBCOMMANDS.filter(({ options }) => options.length > 0).map(({ name, options }) => `  ${name}\n${formatTable(options)}`),
    '  All commands accept --url <url>, the gateway to use; the local one by default. Six or more leading characters\n' +
      '  of an id are enough if they are unique among the newest jobs. submit and watch exit with 1 when a prompt\n' +
      '  has no response. Results and ids go to standard output, everything else to standard error.',
  ].join('\n\n'),
  async run([name, ...args], context) {
    const names = SUBCOMMANDS.map((subcommand) => subcommand.name).join(', ');
    if (name === undefined) throw new UsageError(`Name a command. Available: ${names}.`);
    const subcommand = SUBCOMMANDS.find((candidate) => candidate.name === name);
    if (!subcommand) throw new UsageError(`Unknown command "jobs ${name}". Available: ${names}.`);
    return subcommand.run(args, context);
  },
};
