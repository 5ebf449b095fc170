import { sleep } from '@prodigon/contracts';
import { createDataDirectory } from '@prodigon/platform/configuration';
import { createBackoff } from '../backoff.ts';
import type { ProcessIdentity } from '../process-identity.ts';
import { StackError } from '../stack-error.ts';
import type { StackEvent } from '../stack-event.ts';
import { systemTimers, type Timers } from '../timers.ts';
import { adoptPostmaster } from './adopt-postmaster.ts';
import { type Cluster, isCluster, prepareCluster } from './cluster.ts';
import { type ConnectionRecord, connectionUrl, publicUrl, readRecord, writeRecord } from './connection-record.ts';
import { createDatabase } from './create-database.ts';
import { claimOwnership, findOwner, releaseOwnership } from './database-owner.ts';
import { rotateLog } from './log-rotation.ts';
import { findFreePort, logPath, type Postmaster, startPostmaster } from './start-postmaster.ts';
import { signalPostmaster, stopPostmaster } from './stop-postmaster.ts';

const POLL_INTERVAL_MS = 50;
const INITIAL_STARTS_MAX = 5;
const LOG_ROTATION_INTERVAL_MS = 60_000;

const POSTGRES = {
  prepareCluster,
  findFreePort,
  startPostmaster,
  adoptPostmaster,
  createDatabase,
  stopPostmaster,
  signalPostmaster,
};
/** The operations on a PostgreSQL server. */
export type PostgresOperations = typeof POSTGRES;

export interface EmbeddedDatabaseOptions {
  /** DATA_DIR as an absolute path. */
  readonly dataDirectory: string;
  readonly onEvent?: (event: StackEvent) => void;
  /** Called when the process or the number of restarts has changed. */
  readonly onChange?: () => void;
  readonly timers?: Timers;
  /** Tests replace the server. */
  readonly postgres?: PostgresOperations;
}

/** The PostgreSQL server of a DATA_DIR. It keeps its URL across restarts until `stop`. */
export interface EmbeddedDatabase {
  readonly service: 'database';
  readonly title: string;
  readonly restarts: number;
  /** A URL in the format of DATABASE_URL, with the password. Does not change while the database runs. */
  readonly url: string;
  /** The URL without the password; null until the database runs. */
  readonly publicUrl: string | null;
  /** Null while no process runs. */
  readonly identity: ProcessIdentity | null;
  /** PostgreSQL's data folder. */
  readonly folder: string;
  /**
   * Resolves with the URL when the database accepts connections. Uses the server of another process, adopts the server of
   * a killed supervisor, or starts a new one. Rejects with a `StackError` when this fails, and leaves nothing running.
   */
  start(): Promise<string>;
  /** Stops the server unless another process owns it. Call this after the database's clients have stopped. Idempotent. */
  stop(): Promise<void>;
  /** Kills the server, which recovers at its next start. */
  kill(): void;
}

export function createEmbeddedDatabase(options: EmbeddedDatabaseOptions): EmbeddedDatabase {
  const { dataDirectory, onEvent = () => {}, onChange = () => {}, timers = systemTimers, postgres = POSTGRES } = options;
  const backoff = createBackoff();
  let restarts = 0;
  let cluster: Cluster | null = null;
  let record: ConnectionRecord | null = null;
  let postmaster: Postmaster | null = null;
  let isOwner = false;
  let isStopping = false;
  let work: Promise<void> = Promise.resolve();
  let cancelTimer = () => {};
  let logTimer: NodeJS.Timeout | undefined;

  const report = (type: StackEvent['type'], message: string) => onEvent({ type, service: 'database', message });

  function requireUrl(): string {
    if (!record) throw new Error('The database has not been started');
    return connectionUrl(record);
  }

  async function open(): Promise<void> {
    createDataDirectory(dataDirectory);
    try {
      while (!postmaster) {
        if (isStopping) throw new StackError('The start was interrupted.');
        isOwner ||= claimOwnership(dataDirectory);
        const found = isOwner ? await runAsOwner() : await findSharedServer();
        if (found) onRunning(found);
        else await sleep(POLL_INTERVAL_MS);
      }
      await postgres.createDatabase(requireUrl());
    } catch (error) {
      if (isOwner && postmaster) await postgres.stopPostmaster(postmaster.identity);
      release();
      throw error;
    }
  }

  /** Adopts the running server, or starts one. */
  async function runAsOwner(): Promise<Postmaster> {
    cluster = await postgres.prepareCluster(dataDirectory);
    for (const message of cluster.notices) report('notice', message);
    const adopted = await postgres.adoptPostmaster(cluster.record);
    if (adopted) report('notice', `The database of an earlier start still runs (pid ${adopted.identity.pid}). Using it.`);
    const started = adopted ?? (await startWithRetry(cluster));
    record = { ...cluster.record, port: started.port };
    writeRecord(dataDirectory, record);
    return started;
  }

  /** Retries, because PostgreSQL cannot listen on port 0 and another program may take the free port first. */
  async function startWithRetry(prepared: Cluster): Promise<Postmaster> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await postgres.startPostmaster(prepared, { port: await postgres.findFreePort(prepared.record.port) });
      } catch (error) {
        if (attempt >= INITIAL_STARTS_MAX || isStopping) throw error;
        await sleep(100 * 2 ** attempt);
      }
    }
  }

  /** Returns the server that another process owns; null when it does not run yet or its owner has ended. */
  async function findSharedServer(): Promise<Postmaster | null> {
    const found = readRecord(dataDirectory);
    if (!found || !findOwner(dataDirectory)) return null;
    const shared = await postgres.adoptPostmaster(found);
    if (shared) record = { ...found, port: shared.port };
    return shared;
  }

  function onRunning(running: Postmaster): void {
    const startedAt = timers.now();
    postmaster = running;
    void running.ended.then((reason) => {
      if (postmaster !== running) return;
      postmaster = null;
      if (!isStopping) scheduleRestart(`database stopped (${reason}).`, timers.now() - startedAt);
      onChange();
    });
    logTimer ??= setInterval(() => rotateLog(logPath(dataDirectory)), LOG_ROTATION_INTERVAL_MS).unref();
    onChange();
  }

  function scheduleRestart(reason: string, uptimeMs: number): void {
    const delayMs = backoff.delayAfter(uptimeMs);
    const seconds = (delayMs / 1000).toFixed(1).replace(/\.0$/, '');
    report('crashed', `${reason} Restarting in ${seconds} s.`);
    cancelTimer = timers.after(delayMs, () => {
      work = restart();
    });
  }

  /** Restarts on the same port, because the services know that address. */
  async function restart(): Promise<void> {
    try {
      restarts += 1;
      isOwner ||= claimOwnership(dataDirectory);
      const running = await adoptOrStart();
      // `stop` waits for this restart and then stops the server.
      onRunning(running);
      if (!isStopping) report('recovered', 'database is ready again.');
    } catch (error) {
      if (!isStopping) scheduleRestart(error instanceof StackError ? error.message : 'The database has not restarted.', 0);
    }
  }

  async function adoptOrStart(): Promise<Postmaster> {
    // Running services must never connect to a new, empty database.
    if (!record || !isCluster(record.folder)) throw new StackError(`The database folder is missing: ${record?.folder}.`);
    const running = await postgres.adoptPostmaster(record);
    if (!running && !isOwner) throw new StackError('The owner of the database has not restarted it.');
    if (running && running.port !== record.port) throw new StackError(`The database has moved to port ${running.port}.`);
    if (running) return running;
    cluster ??= await postgres.prepareCluster(dataDirectory);
    return postgres.startPostmaster(cluster, { port: record.port });
  }

  function release(): void {
    if (isOwner) releaseOwnership(dataDirectory);
    isOwner = false;
  }

  function cancelTimers(): void {
    isStopping = true;
    cancelTimer();
    clearInterval(logTimer);
  }

  return {
    service: 'database',
    title: 'database',
    get restarts() {
      return restarts;
    },
    get url() {
      return requireUrl();
    },
    get publicUrl() {
      return record && publicUrl(record);
    },
    get identity() {
      return postmaster?.identity ?? null;
    },
    get folder() {
      return record?.folder ?? '';
    },
    async start() {
      const opened = open();
      work = opened.catch(() => {});
      await opened;
      return requireUrl();
    },
    async stop() {
      cancelTimers();
      await work;
      // A process that shares the server stops it if the owner was killed.
      if (postmaster) isOwner ||= claimOwnership(dataDirectory);
      if (!isOwner) return;
      if (postmaster) await postgres.stopPostmaster(postmaster.identity);
      release();
    },
    kill() {
      cancelTimers();
      if (!isOwner) return;
      if (postmaster) postgres.signalPostmaster(postmaster.identity, 'immediate');
      release();
    },
  };
}

/** Starts the embedded database of a DATA_DIR. See `EmbeddedDatabase.start`. */
export async function startEmbeddedDatabase(options: EmbeddedDatabaseOptions): Promise<EmbeddedDatabase> {
  const database = createEmbeddedDatabase(options);
  await database.start();
  return database;
}
