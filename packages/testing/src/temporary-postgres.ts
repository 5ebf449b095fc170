import { execFile, spawn } from 'node:child_process';
import { appendFileSync, chmodSync, mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import {
  connectionUrl,
  createDatabase,
  type Postmaster,
  prepareCluster,
  readRecord,
  type ShutdownMode,
  startPostmaster,
  stopPostmaster,
  writeRecord,
} from '@prodigon/stack';
import { reservePort } from './reserve-port.ts';
import { CLUSTER_TEMPLATE_VARIABLE, scratchDirectory } from './shared-resources.ts';

export interface TestPostgres {
  /** A value of `DATABASE_URL` for an empty database. Does not change when the server restarts. */
  readonly url: string;
  /** Process id of the running server. */
  readonly pid: number;
  /** Stops the server if it runs (`immediate` is a crash) and starts it again at the same URL. */
  restart(mode?: ShutdownMode): Promise<void>;
  /** Stops the server; `restart` starts it again. */
  stop(mode?: ShutdownMode): Promise<void>;
  /** Stops the server and deletes its data. */
  close(): Promise<void>;
}

/** Commits must survive a crash of the server, but not of the machine. */
const FAST_SETTINGS = { fsync: 'off', full_page_writes: 'off' };

export interface TestPostgresOptions {
  /** PostgreSQL settings. */
  readonly settings?: Readonly<Record<string, string>>;
  /** Contains the data folder. All users must be able to traverse it. */
  readonly parent?: string;
  /** A folder to delete together with the data. */
  readonly deletesFolder?: string;
}

/** Starts a separate PostgreSQL server. Stops it and deletes its data even when this process is killed. */
export async function startTemporaryPostgres(options: TestPostgresOptions = {}): Promise<TestPostgres> {
  const { parent = scratchDirectory() } = options;
  const dataDirectory = mkdtempSync(join(parent, 'postgres-'));
  // Under root, PostgreSQL runs as another user, which must be able to traverse this folder.
  chmodSync(dataDirectory, 0o711);
  await copyClusterTemplate(dataDirectory);
  const cluster = await prepareCluster(dataDirectory);
  const port = await reservePort();
  const settings = { ...FAST_SETTINGS, ...options.settings };
  const url = connectionUrl({ ...cluster.record, port });
  const { deletesFolder } = options;
  const folders = [...new Set([cluster.parent, dataDirectory, ...(deletesFolder === undefined ? [] : [deletesFolder])])];
  const cancelCleanup = cleanUpAfterExit(cluster.folder, folders);
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
      cancelCleanup();
    },
  };
}

/** Copies the initialized cluster of the global setup, which is faster than `initdb`. Does nothing if the template contains no cluster. */
export async function copyClusterTemplate(dataDirectory: string): Promise<void> {
  const template = process.env[CLUSTER_TEMPLATE_VARIABLE];
  const record = template ? readRecord(template) : undefined;
  if (!template || record?.folder !== join(realpathSync(template), 'database')) return;
  const folder = join(realpathSync(dataDirectory), 'database');
  await promisify(execFile)('cp', ['-a', record.folder, folder]);
  appendFileSync(join(folder, 'postgresql.conf'), 'fsync = off\n');
  writeRecord(dataDirectory, { ...record, folder });
}

const CLEANUP_SCRIPT = `
read -r _
pid=$(head -n 1 "$1/postmaster.pid" 2>/dev/null) && kill -QUIT "$pid" 2>/dev/null
while [ -n "$pid" ] && kill -0 "$pid" 2>/dev/null; do sleep 0.1; done
shift
rm -rf "$@"`;

/**
 * Starts a process that stops the server and deletes its folders when this process exits, which closes the pipe between
 * them. It runs in its own process group, so that Ctrl-C does not end it. Returns a function that cancels the cleanup.
 */
function cleanUpAfterExit(cluster: string, folders: readonly string[]): () => void {
  const cleanup = spawn('/bin/sh', ['-c', CLEANUP_SCRIPT, 'sh', cluster, ...folders], {
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  cleanup.unref();
  (cleanup.stdin as unknown as { unref(): void }).unref();
  return () => void cleanup.kill('SIGKILL');
}
