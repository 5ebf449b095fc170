import { type TableProgress, writeBackup } from '@prodigon/stack';
import type { Command } from '../command.ts';
import { parseCommandLine } from '../command-line-arguments.ts';
import { fileArgument } from '../file-argument.ts';
import { withDatabase } from '../with-database.ts';

export const backupCommand: Command = {
  name: 'backup',
  summary: 'write the whole database to one file',
  usage: [
    '  prodigon backup <file>',
    '',
    '  Writes a consistent snapshot, also while the platform runs. The file must not exist yet. It contains',
    '  prompts and responses, so only its owner can read it.',
  ].join('\n'),
  async run(args, context) {
    const { positionals } = parseCommandLine({ args, options: {}, allowPositionals: true });
    const path = fileArgument(positionals, 'backup');
    return withDatabase(context, { requiresStopped: false }, async ({ database, signal }) => {
      const onProgress = (progress: TableProgress) => void context.stderr.write(describeTable(progress));
      await writeBackup({ url: database.url, path, signal, onProgress });
      context.stdout.write(`Backed up ${database.name} to ${path}.\n`);
      return 0;
    });
  },
};

export const describeTable = ({ table, rows }: TableProgress) => `  ${table}: ${rows} ${rows === 1 ? 'row' : 'rows'}\n`;
