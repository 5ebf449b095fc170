import { resetDatabase } from '@prodigon/stack';
import { type Command, UsageError } from '../command.ts';
import { parseCommandLine } from '../command-line-arguments.ts';
import { confirm } from '../confirm.ts';
import { withDatabase } from '../with-database.ts';

export const resetCommand: Command = {
  name: 'reset',
  summary: 'delete all data of the platform in its database',
  usage: [
    '  --yes   do not ask for confirmation',
    '',
    '  Keeps tables that do not belong to Prodigon. Only a backup can restore the data. Stop the platform first.',
  ].join('\n'),
  async run(args, context) {
    const { values } = parseCommandLine({ args, options: { yes: { type: 'boolean', default: false } } });
    const isInteractive = context.stdin.isTTY && context.stderr.isTTY;
    if (!values.yes && !isInteractive) throw new UsageError('reset deletes all data, so it requires --yes without a terminal.');
    return withDatabase(context, { requiresStopped: true }, async ({ database }) => {
      if (!values.yes && !(await confirm(`Delete all jobs and results in ${database.name}?`, context))) {
        context.stdout.write('Nothing was deleted.\n');
        return 1;
      }
      await resetDatabase(database.url);
      context.stdout.write(`Deleted all data of Prodigon in ${database.name}.\n`);
      return 0;
    });
  },
};
