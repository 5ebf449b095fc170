import { realpathSync } from 'node:fs';
import { sleep } from '@prodigon/contracts';
import { EXIT_CONFIGURATION } from '@prodigon/platform/configuration';
import { isAlive, type ProcessIdentity } from '../process-identity.ts';
import { StackError } from '../stack-error.ts';
import { withConnection } from './connect-database.ts';
import { type ConnectionRecord, connectionUrl } from './connection-record.ts';
import { type FoundPostmaster, findPostmaster } from './postmaster-file.ts';
import type { Postmaster } from './start-postmaster.ts';

const LOOK_EVERY_MS = 25;
const WATCH_EVERY_MS = 250;
const SETTLED_WITHIN_MS = 300_000;
const WRONG_PASSWORD = new Set(['28P01', '28000']);

/**
 * Returns the server that an earlier start left on this data folder, once it accepts connections; null when there is
 * none. Throws a `StackError` when it is not the recorded one.
 */
export async function adoptPostmaster(record: ConnectionRecord): Promise<Postmaster | null> {
  for (let waitedMs = 0; waitedMs < SETTLED_WITHIN_MS; waitedMs += LOOK_EVERY_MS) {
    const found = findPostmaster(record.folder);
    if (!found) return null;
    if (found.isReady && (await answers(record, found))) {
      const { identity, port } = found;
      return { identity, port, ended: watchEnd(identity) };
    }
    await sleep(LOOK_EVERY_MS);
  }
  throw new StackError(`A database server runs on ${record.folder}, but takes no connections. Stop it and try again.`);
}

/** Returns false when no server answers now. */
async function answers(record: ConnectionRecord, { identity, port }: FoundPostmaster): Promise<boolean> {
  const url = connectionUrl({ ...record, port, database: 'postgres' });
  const refuse = (why: string) =>
    new StackError(
      `A database server (pid ${identity.pid}) runs on ${record.folder}, ${why}. Stop it, or set DATA_DIR to another folder.`,
      EXIT_CONFIGURATION,
    );
  try {
    const folder = await withConnection(url, async (client) => {
      const { rows } = await client.query<{ folder: string }>("SELECT current_setting('data_directory') AS folder");
      return rows[0]?.folder ?? '';
    });
    if (realpathSync(folder) === realpathSync(record.folder)) return true;
  } catch (error) {
    const code = (error as { code?: string }).code ?? '';
    if (WRONG_PASSWORD.has(code)) throw refuse('but does not take the recorded password');
    return false;
  }
  throw refuse('but another one answers at its port');
}

/** Polls, because only the parent of a process receives its exit. */
async function watchEnd(identity: ProcessIdentity): Promise<string> {
  while (isAlive(identity)) {
    await new Promise((resolve) => setTimeout(resolve, WATCH_EVERY_MS).unref());
  }
  return 'it is gone';
}
