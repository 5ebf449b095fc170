import { type TableProgress, writeBackup } from '@prodigon/stack';
import type { Command } from '../command.ts';
import { parseCommandLine } from '../command-line-arguments.ts';
import { fileArgument } from '../file-argument.ts';
import { withDatabase } from '../with-database.ts';

export const backupCommand: Command = {
  name: 'backup',
  summary: 'write everything in the database into one file',
  usage: [
    '  prodigon backup <file>',
    '',
    '  The state of one moment; the platform may go on working. The file must not be there yet. It holds',
    '  what people have asked and been answered, so only its owner may read it.',
  ].join('\n'),
  async run(args, context) {
    const { positionals } = parseCommandLine({ args, options: {}, allowPositionals: true });
    const path = fileArgument(positionals, 'backup');
    return withDatabase(context, { whileStopped: false }, async ({ database, signal }) => {
      const onProgress = (progress: TableProgress) => void context.stderr.write(describeTable(progress));
      await writeBackup({ url: database.url, path, signal, onProgress });
      context.stdout.write(`Everything in ${database.name} is in ${path}.\n`);
      return 0;
    });
  },
};

export const describeTable = ({ table, rows }: TableProgress) => `  ${table}: ${rows} ${rows === 1 ? 'row' : 'rows'}\n`;
