import { execFile, spawn } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { appendFileSync, chmodSync, mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import {
  connectionUrl,
  createDatabase,
  findFreePort,
  type Postmaster,
  prepareCluster,
  readRecord,
  type ShutdownMode,
  startPostmaster,
  stopPostmaster,
  writeRecord,
} from '@prodigon/stack';
import { CLUSTER_TEMPLATE_VARIABLE, scratchDirectory } from './shared-resources.ts';

export interface TestPostgres {
  /** A value of `DATABASE_URL` for an empty database. Stays the same over restarts. */
  readonly url: string;
  /** The current server process. */
  readonly pid: number;
  /** Stops the server if it runs (`immediate` is a crash) and starts it again at the same URL. */
  restart(mode?: ShutdownMode): Promise<void>;
  /** Stops the server; `restart` starts it again. */
  stop(mode?: ShutdownMode): Promise<void>;
  /** Stops the server and removes its data. */
  close(): Promise<void>;
}

/** What is committed has to survive a crash of the server, not of the machine. */
const FAST_SETTINGS = { fsync: 'off', full_page_writes: 'off' };

/** Below the ports that operating systems give to connections, so that nothing takes the port while the server restarts. */
const PORT_MIN = 10_000;
const PORT_COUNT = 20_000;

export interface TestPostgresOptions {
  /** PostgreSQL settings. */
  readonly settings?: Readonly<Record<string, string>>;
  /** Holds the data folder. Every user must be able to enter it. */
  readonly parent?: string;
}

/** Starts a separate PostgreSQL server. It ends, and its data goes, even when this process is killed. */
export async function startTemporaryPostgres(options: TestPostgresOptions = {}): Promise<TestPostgres> {
  const { parent = scratchDirectory() } = options;
  const dataDirectory = mkdtempSync(join(parent, 'postgres-'));
  // As root the server is another user, who has to pass through.
  chmodSync(dataDirectory, 0o711);
  await copyClusterTemplate(dataDirectory);
  const cluster = await prepareCluster(dataDirectory);
  const port = await findFreePort(PORT_MIN + randomInt(PORT_COUNT));
  const settings = { ...FAST_SETTINGS, ...options.settings };
  const url = connectionUrl({ ...cluster.record, port });
  const folders = [...new Set([cluster.parent, dataDirectory])];
  const dismissGuard = removeAfterExit(cluster.folder, folders);
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

/** Copying an initialized cluster is faster than `initdb`. A template that lies elsewhere is not copied. */
export async function copyClusterTemplate(dataDirectory: string): Promise<void> {
  const template = process.env[CLUSTER_TEMPLATE_VARIABLE];
  const record = template ? readRecord(template) : undefined;
  if (!template || record?.folder !== join(realpathSync(template), 'database')) return;
  const folder = join(realpathSync(dataDirectory), 'database');
  await promisify(execFile)('cp', ['-a', record.folder, folder]);
  appendFileSync(join(folder, 'postgresql.conf'), 'fsync = off\n');
  writeRecord(dataDirectory, { ...record, folder });
}

const GUARD = `
read -r _
pid=$(head -n 1 "$1/postmaster.pid" 2>/dev/null) && kill -QUIT "$pid" 2>/dev/null
while [ -n "$pid" ] && kill -0 "$pid" 2>/dev/null; do sleep 0.1; done
shift
rm -rf "$@"`;

/** Waits for the end of a pipe that only this process holds open. It leads its own process group, so that Ctrl-C does not end it. */
function removeAfterExit(cluster: string, folders: readonly string[]): () => void {
  const guard = spawn('/bin/sh', ['-c', GUARD, 'sh', cluster, ...folders], {
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  guard.unref();
  (guard.stdin as unknown as { unref(): void }).unref();
  return () => void guard.kill('SIGKILL');
}
