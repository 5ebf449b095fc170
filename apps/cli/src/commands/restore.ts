import { createWriteStream } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { restoreBackup, StackError, type TableProgress } from '@prodigon/stack';
import { defineCommand } from '../command.ts';
import { fileArgument } from '../file-argument.ts';
import { formatTime } from '../format-numbers.ts';
import { withDatabase } from '../with-database.ts';
import { describeTable, isKeyTable } from './backup.ts';

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
  notes: [
    'Restores everything or nothing: on any error, the database is unchanged. Stop the platform first.\n  <file> can be - for standard input.',
  ],
  async run({ values: { replace }, positionals }, context) {
    const argument = fileArgument(positionals, 'restore');
    const file = argument === '-' ? await spool(context.stdin) : { path: argument, name: argument, remove: async () => {} };
    try {
      return await withDatabase(context, { requiresStopped: true }, async ({ database, signal }) => {
        let keys = 0;
        const onProgress = (progress: TableProgress) => {
          if (isKeyTable(progress)) keys = progress.rows;
          context.stderr.write(describeTable(progress));
        };
        const { path, name } = file;
        const header = await restoreBackup({ url: database.url, path, name, replace, signal, onProgress });
        context.stdout.write(`Restored the backup of ${formatTime(header.created_at)} to ${database.name}.\n`);
        if (keys > 0 && !header.has_key_hashes)
          context.stderr.write('No restored API key is valid yet. Rotate each key that you need: ./prodigon keys rotate <key>\n');
        return 0;
      });
    } finally {
      await file.remove();
    }
  },
});

/** Copies standard input to a temporary file that only its owner can read, because `restoreBackup` reads a backup twice. */
async function spool(stdin: Readable) {
  const folder = await mkdtemp(join(tmpdir(), 'prodigon-restore-'));
  const remove = () => rm(folder, { recursive: true, force: true });
  const path = join(folder, 'backup');
  try {
    await pipeline(stdin, createWriteStream(path, { mode: 0o600 }));
    return { path, name: 'Standard input', remove };
  } catch (error) {
    await remove();
    throw new StackError(`Standard input cannot be copied to ${path} (${(error as NodeJS.ErrnoException).code}).`, 1, {
      cause: error,
    });
  }
}
