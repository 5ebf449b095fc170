import { spawn } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  connectionUrl,
  createDatabase,
  findFreePort,
  type Postmaster,
  prepareCluster,
  type ShutdownMode,
  startPostmaster,
  stopPostmaster,
} from '@prodigon/stack';

export interface TestPostgres {
  /** Of an empty database, as DATABASE_URL has it. Stays the same over restarts. */
  readonly url: string;
  /** Of the server process that runs now. */
  readonly pid: number;
  /** Ends it unless something else has (`immediate` is a crash), and starts it again at the same URL. */
  restart(mode?: ShutdownMode): Promise<void>;
  /** Ends it; `restart` brings it back. */
  stop(mode?: ShutdownMode): Promise<void>;
  /** Ends it and removes its data. */
  close(): Promise<void>;
}

/** A PostgreSQL server of its own in a folder within `parent`, which goes even when this process is killed. */
export async function startTemporaryPostgres(
  settings: Readonly<Record<string, string>> = {},
  parent: string = tmpdir(),
): Promise<TestPostgres> {
  const dataDirectory = mkdtempSync(join(parent, 'prodigon-postgres-'));
  // As root the server is another user, who has to pass through.
  chmodSync(dataDirectory, 0o711);
  const cluster = await prepareCluster(dataDirectory);
  const port = await findFreePort();
  const url = connectionUrl({ ...cluster.record, port });
  const folders = [...new Set([cluster.parent, dataDirectory])];
  const dismissGuard = removeWhenWeAreGone(cluster.folder, folders);
  let postmaster: Postmaster = await startPostmaster(cluster, { port, settings });
  await createDatabase(url);

  const stop = async (mode: ShutdownMode = 'fast') => {
    await stopPostmaster(postmaster.identity, mode);
    await postmaster.ended;
  };
  return {
    url,
    get pid() {
      return postmaster.identity.pid;
    },
    stop,
    async restart(mode) {
      await stop(mode);
      postmaster = await startPostmaster(cluster, { port, settings });
    },
    async close() {
      await stop('immediate');
      for (const folder of folders) rmSync(folder, { recursive: true, force: true });
      dismissGuard();
    },
  };
}

const GUARD = `
read -r _
pid=$(head -n 1 "$1/postmaster.pid" 2>/dev/null) && kill -QUIT "$pid" 2>/dev/null
while [ -n "$pid" ] && kill -0 "$pid" 2>/dev/null; do sleep 0.1; done
shift
rm -rf "$@"`;

/** Waits for the end of a pipe that only we hold open. Out of our process group, so that a Ctrl-C does not end it too. */
function removeWhenWeAreGone(cluster: string, folders: readonly string[]): () => void {
  const guard = spawn('/bin/sh', ['-c', GUARD, 'sh', cluster, ...folders], {
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  guard.unref();
  (guard.stdin as unknown as { unref(): void }).unref();
  return () => void guard.kill('SIGKILL');
}
