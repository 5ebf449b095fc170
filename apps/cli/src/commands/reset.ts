import { resetDatabase } from '@prodigon/stack';
import { defineCommand } from '../command.ts';
import { assertConfirmable, confirm, YES_OPTION } from '../confirm.ts';
import { withDatabase } from '../with-database.ts';

export const resetCommand = defineCommand({
  name: 'reset',
  summary: 'delete all data of the platform in its database',
  options: YES_OPTION,
  notes: ['Keeps tables that do not belong to Prodigon. Only a backup can restore the data. Stop the platform first.'],
  async run({ values: { yes } }, context) {
    assertConfirmable(yes, context);
    return withDatabase(context, { requiresStopped: true }, async ({ database }) => {
      if (!yes && !(await confirm(`Delete all jobs and results in ${database.name}?`, context))) {
        context.stdout.write('Nothing was deleted.\n');
        return 1;
      }
      await resetDatabase(database.url);
      context.stdout.write(`Deleted all data of Prodigon in ${database.name}.\n`);
      return 0;
    });
  },
});
