import { migrateDatabase } from '@prodigon/stack';
import type { Command } from '../command.ts';
import { parseCommandLine } from '../command-line-arguments.ts';
import { withDatabase } from '../with-database.ts';

export const migrateCommand: Command = {
  name: 'migrate',
  summary: 'apply pending migrations to the database',
  usage:
    '  The services also do this when they start. Uses the database of DATABASE_URL, else the embedded one,\n  which need not be running.',
  async run(args, context) {
    parseCommandLine({ args, options: {} });
    return withDatabase(context, { requiresStopped: false }, async ({ database }) => {
      const applied = await migrateDatabase(database.url);
      for (const name of applied) context.stdout.write(`Applied ${name}.\n`);
      context.stdout.write(`${capitalize(database.name)} is ${applied.length > 0 ? 'now ' : ''}up to date.\n`);
      return 0;
    });
  },
};

const capitalize = (text: string) => text.charAt(0).toUpperCase() + text.slice(1);
