import { defineCommandGroup } from '../command.ts';
import { createCommand } from './keys/create.ts';
import { listCommand } from './keys/list.ts';
import { restoreCommand } from './keys/restore.ts';
import { revokeCommand } from './keys/revoke.ts';
import { rotateCommand } from './keys/rotate.ts';
import { showCommand } from './keys/show.ts';
import { updateCommand } from './keys/update.ts';

export const keysCommand = defineCommandGroup('keys', {
  name: 'keys',
  summary: 'create and manage API keys with owners, limits and budgets',
  subcommands: [createCommand, listCommand, showCommand, updateCommand, rotateCommand, revokeCommand, restoreCommand],
  notes: [
    '<key> is the name or the id of a key. Without PRODIGON_API_KEY, these commands manage all keys of the platform\n  that runs on this machine. Data goes to standard output, messages to standard error.',
  ],
});
