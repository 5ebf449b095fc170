import { resetDatabase } from '@prodigon/stack';
import { type Command, UsageError } from '../command.ts';
import { parseCommandLine } from '../command-line-arguments.ts';
import { confirm } from '../confirm.ts';
import { withDatabase } from '../with-database.ts';

export const resetCommand: Command = {
  name: 'reset',
  summary: 'delete everything that the platform keeps in its database',
  usage: [
    '  --yes   do not ask first',
    '',
    '  Only what is ours: other tables of a database of DATABASE_URL stay. There is no way back but a',
    '  backup. Stop the platform first.',
  ].join('\n'),
  async run(args, context) {
    const { values } = parseCommandLine({ args, options: { yes: { type: 'boolean', default: false } } });
    const mayBeAsked = context.stdin.isTTY && context.stderr.isTTY;
    if (!values.yes && !mayBeAsked) throw new UsageError('reset deletes all data, so it wants --yes where nobody can be asked.');
    return withDatabase(context, { whileStopped: true }, async ({ database }) => {
      if (!values.yes && !(await confirm(`Delete all jobs and results in ${database.name}?`, context))) {
        context.stdout.write('Nothing has been deleted.\n');
        return 1;
      }
      await resetDatabase(database.url);
      context.stdout.write(`Everything of Prodigon in ${database.name} has been deleted.\n`);
      return 0;
    });
  },
};
