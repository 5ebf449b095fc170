import { realpathSync } from 'node:fs';
import { sleep } from '@prodigon/contracts';
import { EXIT_CONFIGURATION } from '@prodigon/platform/configuration';
import { isAlive, type ProcessIdentity } from '../process-identity.ts';
import { StackError } from '../stack-error.ts';
import { withConnection } from './connect-database.ts';
import { type ConnectionRecord, connectionUrl } from './connection-record.ts';
import { type FoundPostmaster, findPostmaster } from './postmaster-file.ts';
import type { Postmaster } from './start-postmaster.ts';

const POLL_INTERVAL_MS = 25;
const EXIT_POLL_INTERVAL_MS = 250;
const READY_TIMEOUT_MS = 300_000;
const WRONG_PASSWORD = new Set(['28P01', '28000']);

/**
 * Returns the server that already runs on this data folder when it accepts connections; null when none runs. Throws a
 * `StackError` when it is not the recorded server.
 */
export async function adoptPostmaster(record: ConnectionRecord, find = findPostmaster): Promise<Postmaster | null> {
  for (let waitedMs = 0; waitedMs < READY_TIMEOUT_MS; waitedMs += POLL_INTERVAL_MS) {
    const found = find(record.folder);
    if (!found) return null;
    if (found.isReady && (await acceptsConnections(record, found))) {
      const { identity, port } = found;
      return { identity, port, ended: waitForExit(identity) };
    }
    await sleep(POLL_INTERVAL_MS);
  }
  throw new StackError(`A database server runs on ${record.folder}, but accepts no connections. Stop it and try again.`);
}

/** Returns whether the server accepts connections. Throws a `StackError` when it is not the recorded server. */
async function acceptsConnections(record: ConnectionRecord, { identity, port }: FoundPostmaster): Promise<boolean> {
  const url = connectionUrl({ ...record, port, database: 'postgres' });
  const rejection = (reason: string) =>
    new StackError(
      `A database server (pid ${identity.pid}) runs on ${record.folder}, ${reason}. Stop it, or set DATA_DIR to another folder.`,
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
    if (WRONG_PASSWORD.has(code)) throw rejection('but rejects the recorded password');
    return false;
  }
  throw rejection('but another server listens on its port');
}

/** Resolves when the process has exited. It polls, because only the parent of a process receives its exit. */
async function waitForExit(identity: ProcessIdentity): Promise<string> {
  while (isAlive(identity)) {
    await new Promise((resolve) => setTimeout(resolve, EXIT_POLL_INTERVAL_MS).unref());
  }
  return 'process exited';
}
