import { migrateDatabase } from '@prodigon/stack';
import { defineCommand } from '../command.ts';
import { withDatabase } from '../with-database.ts';

export const migrateCommand = defineCommand({
  name: 'migrate',
  summary: 'apply pending migrations to the database',
  options: {},
  notes: ['The services also apply them. Uses the configured database, or the embedded one, which need not run.'],
  async run(_, context) {
    return withDatabase(context, { requiresStopped: false }, async ({ database }) => {
      const applied = await migrateDatabase(database.url);
      for (const name of applied) context.stdout.write(`Applied ${name}.\n`);
      context.stdout.write(`${capitalize(database.name)} is ${applied.length > 0 ? 'now ' : ''}up to date.\n`);
      return 0;
    });
  },
});

const capitalize = (text: string) => text.charAt(0).toUpperCase() + text.slice(1);
