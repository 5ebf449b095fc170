import { type TableProgress, writeBackup } from '@prodigon/stack';
import { defineCommand } from '../command.ts';
import { fileArgument } from '../file-argument.ts';
import { withDatabase } from '../with-database.ts';

export const backupCommand = defineCommand({
  name: 'backup',
  summary: 'write the whole database to one file',
  parameters: '<file>',
  options: {},
  notes: [
    'Writes a consistent snapshot, also while the platform runs. The file must not exist yet. It contains\n  prompts and responses, so only its owner can read it.',
  ],
  async run({ positionals }, context) {
    const path = fileArgument(positionals, 'backup');
    return withDatabase(context, { requiresStopped: false }, async ({ database, signal }) => {
      const onProgress = (progress: TableProgress) => void context.stderr.write(describeTable(progress));
      await writeBackup({ url: database.url, path, signal, onProgress });
      context.stdout.write(`Backed up ${database.name} to ${path}.\n`);
      return 0;
    });
  },
});

export const describeTable = ({ table, rows }: TableProgress) => `  ${table}: ${rows} ${rows === 1 ? 'row' : 'rows'}\n`;
