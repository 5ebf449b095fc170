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
import { boundLog } from './log-rotation.ts';
import { findFreePort, logPath, type Postmaster, startPostmaster } from './start-postmaster.ts';
import { signalPostmaster, stopPostmaster } from './stop-postmaster.ts';

const POLL_EVERY_MS = 50;
const FIRST_STARTS_MAX = 5;
const BOUND_LOG_EVERY_MS = 60_000;

export interface EmbeddedDatabaseOptions {
  /** DATA_DIR as an absolute path. */
  readonly dataDirectory: string;
  readonly onEvent?: (event: StackEvent) => void;
  /** Called when its process or number of restarts has changed. */
  readonly onChange?: () => void;
  readonly timers?: Timers;
}

/** The PostgreSQL server of a DATA_DIR, which keeps one URL over its restarts until it is stopped. */
export interface EmbeddedDatabase {
  readonly service: 'database';
  readonly title: string;
  readonly restarts: number;
  /** Like DATABASE_URL, with the password. Does not change while the database runs. */
  readonly url: string;
  /** Without the password; null until it runs. */
  readonly publicUrl: string | null;
  /** Null while no process runs. */
  readonly identity: ProcessIdentity | null;
  /** PostgreSQL's data folder. */
  readonly folder: string;
  /**
   * Resolves with the URL when the database accepts connections: a running one, the server of a killed supervisor, or a
   * new one. Throws a `StackError` when it cannot start one, and then leaves nothing running.
   */
  start(): Promise<string>;
  /** Stops the server, unless another process owns it. Call it after its clients have stopped. Idempotent. */
  stop(): Promise<void>;
  /** Ends the server immediately; it recovers at its next start. */
  kill(): void;
}

export function createEmbeddedDatabase(options: EmbeddedDatabaseOptions): EmbeddedDatabase {
  const { dataDirectory, onEvent = () => {}, onChange = () => {}, timers = systemTimers } = options;
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
        const found = isOwner ? await runAsOwner() : await borrow();
        if (found) onRunning(found);
        else await sleep(POLL_EVERY_MS);
      }
      await createDatabase(requireUrl());
    } catch (error) {
      if (isOwner && postmaster) await stopPostmaster(postmaster.identity);
      release();
      throw error;
    }
  }

  /** Adopts the running server, or starts one. */
  async function runAsOwner(): Promise<Postmaster> {
    cluster = await prepareCluster(dataDirectory);
    for (const message of cluster.notices) report('notice', message);
    const adopted = await adoptPostmaster(cluster.record);
    if (adopted) report('notice', `The database of an earlier start still runs (pid ${adopted.identity.pid}). Going on with it.`);
    const started = adopted ?? (await startFirst(cluster));
    record = { ...cluster.record, port: started.port };
    writeRecord(dataDirectory, record);
    return started;
  }

  /** PostgreSQL cannot listen on port 0, so another program may take the port between finding and using it. */
  async function startFirst(prepared: Cluster): Promise<Postmaster> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await startPostmaster(prepared, { port: await findFreePort(prepared.record.port) });
      } catch (error) {
        if (attempt >= FIRST_STARTS_MAX || isStopping) throw error;
        await sleep(100 * 2 ** attempt);
      }
    }
  }

  /** Uses the server of another process; null when it does not run yet, or has no owner any more. */
  async function borrow(): Promise<Postmaster | null> {
    const found = readRecord(dataDirectory);
    if (!found || !findOwner(dataDirectory)) return null;
    const borrowed = await adoptPostmaster(found);
    if (borrowed) record = { ...found, port: borrowed.port };
    return borrowed;
  }

  function onRunning(running: Postmaster): void {
    const bornAt = timers.now();
    postmaster = running;
    void running.ended.then((reason) => {
      if (postmaster !== running) return;
      postmaster = null;
      if (!isStopping) restartLater(`database stopped (${reason}).`, timers.now() - bornAt);
      onChange();
    });
    logTimer ??= setInterval(() => boundLog(logPath(dataDirectory)), BOUND_LOG_EVERY_MS).unref();
    onChange();
  }

  function restartLater(what: string, lifeMs: number): void {
    const delayMs = backoff.delayAfter(lifeMs);
    const seconds = (delayMs / 1000).toFixed(1).replace(/\.0$/, '');
    report('crashed', `${what} Starting it again in ${seconds} s.`);
    cancelTimer = timers.after(delayMs, () => {
      work = restart();
    });
  }

  /** Restarts on the same port, because the services know that address. */
  async function restart(): Promise<void> {
    try {
      restarts += 1;
      isOwner ||= claimOwnership(dataDirectory);
      const revived = await revive();
      if (isStopping) return;
      onRunning(revived);
      report('recovered', 'database is ready again.');
    } catch (error) {
      if (!isStopping) restartLater(error instanceof StackError ? error.message : 'The database is not back yet.', 0);
    }
  }

  async function revive(): Promise<Postmaster> {
    // Running services must never find a new, empty database instead.
    if (!record || !isCluster(record.folder)) throw new StackError(`The database's folder is gone: ${record?.folder}.`);
    const running = await adoptPostmaster(record);
    if (!running && !isOwner) throw new StackError('Its owner has not started the database again.');
    if (running && running.port !== record.port) throw new StackError(`The database is at port ${running.port} now.`);
    if (running) return running;
    cluster ??= await prepareCluster(dataDirectory);
    return startPostmaster(cluster, { port: record.port });
  }

  function release(): void {
    if (isOwner) releaseOwnership(dataDirectory);
    isOwner = false;
  }

  function endTimers(): void {
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
      endTimers();
      await work;
      // The process that borrowed the server of a killed owner has to clean up.
      if (postmaster) isOwner ||= claimOwnership(dataDirectory);
      if (!isOwner) return;
      if (postmaster) await stopPostmaster(postmaster.identity);
      release();
    },
    kill() {
      endTimers();
      if (!isOwner) return;
      if (postmaster) signalPostmaster(postmaster.identity, 'immediate');
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
