import { migrateDatabase } from '@prodigon/stack';
import type { Command } from '../command.ts';
import { parseCommandLine } from '../command-line-arguments.ts';
import { withDatabase } from '../with-database.ts';

export const migrateCommand: Command = {
  name: 'migrate',
  summary: 'bring the tables of the database up to date',
  usage:
    '  The services do the same when they start. Works on the database of DATABASE_URL, else on the\n  embedded one, which need not run.',
  async run(args, context) {
    parseCommandLine({ args, options: {} });
    return withDatabase(context, { whileStopped: false }, async ({ database }) => {
      const applied = await migrateDatabase(database.url);
      for (const name of applied) context.stdout.write(`Applied ${name}.\n`);
      context.stdout.write(`${capitalised(database.name)} is ${applied.length > 0 ? 'now ' : ''}up to date.\n`);
      return 0;
    });
  },
};

const capitalised = (text: string) => text.charAt(0).toUpperCase() + text.slice(1);
