import { restoreBackup, type TableProgress } from '@prodigon/stack';
import { defineCommand } from '../command.ts';
import { fileArgument } from '../file-argument.ts';
import { withDatabase } from '../with-database.ts';
import { describeTable } from './backup.ts';

export const restoreCommand = defineCommand({
  name: 'restore',
  summary: 'restore the database from a backup',
  parameters: '<file>',
  options: {
    replace: {
      type: 'boolean',
      default: false,
      description: 'overwrite the data in the database; without it, the database must be empty',
    },
  },
  notes: ['Restores everything or nothing: on any error, the database is unchanged. Stop the platform first.'],
  async run({ values, positionals }, context) {
    const path = fileArgument(positionals, 'restore');
    return withDatabase(context, { requiresStopped: true }, async ({ database, signal }) => {
      const onProgress = (progress: TableProgress) => void context.stderr.write(describeTable(progress));
      const header = await restoreBackup({ url: database.url, path, replace: values.replace, signal, onProgress });
      context.stdout.write(`Restored the backup of ${header.created_at} to ${database.name}.\n`);
      return 0;
    });
  },
});
