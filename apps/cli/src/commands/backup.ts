import { type TableProgress, writeBackup } from '@prodigon/stack';
import { defineCommand } from '../command.ts';
import { fileArgument } from '../file-argument.ts';
import { UsageError } from '../usage-error.ts';
import { withDatabase } from '../with-database.ts';

export const backupCommand = defineCommand({
  name: 'backup',
  summary: 'write the whole database to one file',
  parameters: '<file>',
  options: {},
  notes: [
    'Writes a consistent snapshot, also while the platform runs. The file must not exist yet. It contains\n  prompts and responses, so only its owner can read it. <file> can be - for standard output.',
  ],
  async run({ positionals }, context) {
    const path = fileArgument(positionals, 'backup');
    const { stdout } = context;
    if (path === '-' && stdout.isTTY) throw new UsageError('Standard output is a terminal. Redirect it to a file or a program.');
    // `main` exits with 0 when a pipe breaks, but here the backup is incomplete.
    if (path === '-') stdout.removeAllListeners('error');
    return withDatabase(context, { requiresStopped: false }, async ({ database, signal }) => {
      const onProgress = (progress: TableProgress) => void context.stderr.write(describeTable(progress));
      await writeBackup({ url: database.url, target: path === '-' ? stdout : path, signal, onProgress });
      if (path === '-') context.stderr.write(`Backed up ${database.name}.\n`);
      else stdout.write(`Backed up ${database.name} to ${path}.\n`);
      return 0;
    });
  },
});

export const describeTable = ({ table, rows }: TableProgress) => `  ${table}: ${rows} ${rows === 1 ? 'row' : 'rows'}\n`;
