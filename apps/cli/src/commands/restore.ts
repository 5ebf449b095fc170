import { restoreBackup, type TableProgress } from '@prodigon/stack';
import type { Command } from '../command.ts';
import { parseCommandLine } from '../command-line-arguments.ts';
import { fileArgument } from '../file-argument.ts';
import { withDatabase } from '../with-database.ts';
import { describeTable } from './backup.ts';

export const restoreCommand: Command = {
  name: 'restore',
  summary: 'put what a backup holds into the database',
  usage: [
    '  prodigon restore <file> [--replace]',
    '',
    '  --replace   lose what the database holds now; without it the database must be empty',
    '',
    '  All of it or nothing: when anything is wrong, the database stays as it was. Stop the platform first.',
  ].join('\n'),
  async run(args, context) {
    const { values, positionals } = parseCommandLine({
      args,
      options: { replace: { type: 'boolean', default: false } },
      allowPositionals: true,
    });
    const path = fileArgument(positionals, 'restore');
    return withDatabase(context, { whileStopped: true }, async ({ database, signal }) => {
      const onProgress = (progress: TableProgress) => void context.stderr.write(describeTable(progress));
      const header = await restoreBackup({ url: database.url, path, replace: values.replace, signal, onProgress });
      context.stdout.write(`What was backed up at ${header.created_at} is in ${database.name} now.\n`);
      return 0;
    });
  },
};
