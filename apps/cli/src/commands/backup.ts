import { type TableProgress, writeBackup } from '@prodigon/stack';
import { defineCommand } from '../command.ts';
import { fileArgument } from '../file-argument.ts';
import { UsageError } from '../usage-error.ts';
import { withDatabase } from '../with-database.ts';

export const backupCommand = defineCommand({
  name: 'backup',
  summary: 'write the whole database to one file',
  parameters: '<file>',
  options: {
    'with-key-hashes': {
      type: 'boolean',
      default: false,
      description: 'include the hashes of API keys, so that restored keys are valid',
    },
  },
  notes: [
    'Writes a consistent snapshot, also while the platform runs. The file must not exist yet. It contains\n  prompts and responses, so only its owner can read it. <file> can be - for standard output.',
  ],
  async run({ values, positionals }, context) {
    const path = fileArgument(positionals, 'backup');
    const { stdout } = context;
    if (path === '-' && stdout.isTTY) throw new UsageError('Standard output is a terminal. Redirect it to a file or a program.');
    // `main` exits with 0 when a pipe breaks, but here the backup is incomplete.
    if (path === '-') stdout.removeAllListeners('error');
    return withDatabase(context, { requiresStopped: false }, async ({ database, signal }) => {
      const hasKeyHashes = values['with-key-hashes'];
      let keys = 0;
      const onProgress = (progress: TableProgress) => {
        if (isKeyTable(progress)) keys = progress.rows;
        context.stderr.write(describeTable(progress));
      };
      await writeBackup({ url: database.url, target: path === '-' ? stdout : path, hasKeyHashes, signal, onProgress });
      if (path === '-') context.stderr.write(`Backed up ${database.name}.\n`);
      else stdout.write(`Backed up ${database.name} to ${path}.\n`);
      if (keys > 0 && !hasKeyHashes)
        context.stderr.write(
          'The backup contains API keys without the hashes of their values. After a restore, rotate each key that you need,\nor make a backup with --with-key-hashes.\n',
        );
      return 0;
    });
  },
});

export const describeTable = ({ table, rows }: TableProgress) => `  ${table}: ${rows} ${rows === 1 ? 'row' : 'rows'}\n`;

/** Whether this is the progress of the table of API keys. */
export const isKeyTable = ({ table }: TableProgress) => table === 'gateway.api_keys';
