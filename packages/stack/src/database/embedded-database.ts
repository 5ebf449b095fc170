import { createDataDirectory } from '@prodigon/platform/configuration';
import { type Backoff, createBackoff } from '../backoff.ts';
import type { ProcessIdentity } from '../process-identity.ts';
import { StackError } from '../stack-error.ts';
import type { StackEvent } from '../stack-event.ts';
import { systemTimers, type Timers, wait } from '../timers.ts';
import { adoptPostmaster } from './adopt-postmaster.ts';
import { type Cluster, isCluster, prepareCluster } from './cluster.ts';
import { type ConnectionRecord, connectionUrl, publicUrl, readRecord, writeRecord } from './connection-record.ts';
import { createDatabase } from './create-database.ts';
import { claimOwnership, findOwner, releaseOwnership } from './database-owner.ts';
import { boundLog } from './log-rotation.ts';
import { findFreePort, logPath, type Postmaster, startPostmaster } from './start-postmaster.ts';
import { signalPostmaster, stopPostmaster } from './stop-postmaster.ts';

const LOOK_EVERY_MS = 50;
const FIRST_STARTS_MAX = 5;
const BOUND_LOG_EVERY_MS = 60_000;

export interface EmbeddedDatabaseOptions {
  /** DATA_DIR as an absolute path. */
  readonly dataDirectory: string;
  readonly onEvent?: (event: StackEvent) => void;
  /** Its process or number of restarts is another now. */
  readonly onChange?: () => void;
  readonly timers?: Timers;
}

/** Keeps the PostgreSQL server of a DATA_DIR running at one URL, until it is stopped. */
export class EmbeddedDatabase {
  readonly service = 'database';
  readonly title = 'database';
  restarts = 0;
  readonly #options: Required<EmbeddedDatabaseOptions>;
  readonly #backoff: Backoff = createBackoff();
  #cluster: Cluster | null = null;
  #record: ConnectionRecord | null = null;
  #postmaster: Postmaster | null = null;
  #isOwner = false;
  #stopping = false;
  #work: Promise<void> = Promise.resolve();
  #cancelTimer: () => void = () => {};
  #logTimer: NodeJS.Timeout | undefined;

  constructor(options: EmbeddedDatabaseOptions) {
    this.#options = { onEvent: () => {}, onChange: () => {}, timers: systemTimers, ...options };
  }

  /** With the password, as DATABASE_URL has it. Stays the same as long as this runs. */
  get url(): string {
    if (!this.#record) throw new Error('The database has not been started');
    return connectionUrl(this.#record);
  }

  /** Without the password, for people to see; null until it runs. */
  get publicUrl(): string | null {
    return this.#record && publicUrl(this.#record);
  }

  /** Null while no process runs. */
  get identity(): ProcessIdentity | null {
    return this.#postmaster?.identity ?? null;
  }

  /** PostgreSQL's data folder. */
  get folder(): string {
    return this.#record?.folder ?? '';
  }

  /**
   * Resolves with the URL when the database takes connections: one that is there already, the server that a killed
   * supervisor has left, or a new one. Throws a `StackError` when it cannot be had; then nothing is left running.
   */
  async start(): Promise<string> {
    const opened = this.#open();
    this.#work = opened.then(
      () => {},
      () => {},
    );
    await opened;
    return this.url;
  }

  /** Stops the server, unless another process owns it. Call it when its clients are gone; may be called again. */
  async stop(): Promise<void> {
    this.#stopping = true;
    this.#cancelTimer();
    clearInterval(this.#logTimer);
    await this.#work;
    const { identity } = this;
    // A guest whose host has died without a goodbye is the one to clean up.
    if (identity) this.#isOwner ||= claimOwnership(this.#options.dataDirectory);
    if (!this.#isOwner) return;
    if (identity) await stopPostmaster(identity);
    this.#release();
  }

  /** Ends the server at once; it recovers at its next start. */
  kill(): void {
    this.#stopping = true;
    this.#cancelTimer();
    clearInterval(this.#logTimer);
    if (!this.#isOwner) return;
    if (this.identity) signalPostmaster(this.identity, 'immediate');
    this.#release();
  }

  async #open(): Promise<void> {
    const { dataDirectory } = this.#options;
    createDataDirectory(dataDirectory);
    try {
      while (!this.#postmaster) {
        if (this.#stopping) throw new StackError('The start was interrupted.');
        this.#isOwner ||= claimOwnership(dataDirectory);
        const postmaster = this.#isOwner ? await this.#run() : await this.#borrow();
        if (postmaster) this.#onRunning(postmaster);
        else await wait(systemTimers, LOOK_EVERY_MS);
      }
      await createDatabase(this.url);
    } catch (error) {
      if (this.#isOwner && this.identity) await stopPostmaster(this.identity);
      this.#release();
      throw error;
    }
  }

  /** As the owner: takes over what runs already, else starts it. */
  async #run(): Promise<Postmaster> {
    const { dataDirectory } = this.#options;
    const cluster = await prepareCluster(dataDirectory);
    this.#cluster = cluster;
    for (const message of cluster.notices) this.#say('notice', message);
    const left = await adoptPostmaster(cluster.record);
    if (left) this.#say('notice', `The database of an earlier start still runs (pid ${left.identity.pid}). Going on with it.`);
    const postmaster = left ?? (await this.#startFirst(cluster));
    this.#record = { ...cluster.record, port: postmaster.port };
    writeRecord(dataDirectory, this.#record);
    return postmaster;
  }

  async #startFirst(cluster: Cluster): Promise<Postmaster> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        // Somebody else may take the port between finding and using it, and a killed server's processes need a moment to go.
        return await startPostmaster(cluster, { port: await findFreePort(cluster.record.port) });
      } catch (error) {
        if (attempt >= FIRST_STARTS_MAX || this.#stopping) throw error;
        await wait(systemTimers, 100 * 2 ** attempt);
      }
    }
  }

  /** As the guest of another process; null when its server is not there yet, or it has no owner any more. */
  async #borrow(): Promise<Postmaster | null> {
    const record = readRecord(this.#options.dataDirectory);
    if (!record || !findOwner(this.#options.dataDirectory)) return null;
    const postmaster = await adoptPostmaster(record);
    if (postmaster) this.#record = { ...record, port: postmaster.port };
    return postmaster;
  }

  #onRunning(postmaster: Postmaster): void {
    const bornAt = this.#options.timers.now();
    this.#postmaster = postmaster;
    void postmaster.ended.then((reason) => {
      if (this.#postmaster !== postmaster) return;
      this.#postmaster = null;
      if (!this.#stopping) this.#restartLater(`database stopped (${reason}).`, this.#options.timers.now() - bornAt);
      this.#options.onChange();
    });
    this.#logTimer ??= setInterval(() => boundLog(logPath(this.#options.dataDirectory)), BOUND_LOG_EVERY_MS).unref();
    this.#options.onChange();
  }

  #restartLater(what: string, lifeMs: number): void {
    const delayMs = this.#backoff.delayAfter(lifeMs);
    const seconds = (delayMs / 1000).toFixed(1).replace(/\.0$/, '');
    this.#say('crashed', `${what} Starting it again in ${seconds} s.`);
    this.#cancelTimer = this.#options.timers.after(delayMs, () => {
      this.#work = this.#restart();
    });
  }

  /** On the same port, because the services were told where it is. */
  async #restart(): Promise<void> {
    const { dataDirectory } = this.#options;
    try {
      this.restarts += 1;
      this.#isOwner ||= claimOwnership(dataDirectory);
      const postmaster = await this.#revive();
      if (this.#stopping) return;
      this.#onRunning(postmaster);
      this.#say('recovered', 'database is ready again.');
    } catch (error) {
      if (!this.#stopping) this.#restartLater(error instanceof StackError ? error.message : 'The database is not back yet.', 0);
    }
  }

  async #revive(): Promise<Postmaster> {
    const record = this.#record;
    // Never a new, empty one under the services that run.
    if (!record || !isCluster(record.folder)) throw new StackError(`The database's folder is gone: ${record?.folder}.`);
    const running = await adoptPostmaster(record);
    if (!running && !this.#isOwner) throw new StackError('Its owner has not started the database again.');
    if (running && running.port !== record.port) throw new StackError(`The database is at port ${running.port} now.`);
    if (running) return running;
    this.#cluster ??= await prepareCluster(this.#options.dataDirectory);
    return startPostmaster(this.#cluster, { port: record.port });
  }

  #release(): void {
    if (this.#isOwner) releaseOwnership(this.#options.dataDirectory);
    this.#isOwner = false;
  }

  #say(type: StackEvent['type'], message: string): void {
    this.#options.onEvent({ type, service: 'database', message });
  }
}

/** The embedded database of a DATA_DIR, running. See `EmbeddedDatabase.start`. */
export async function startEmbeddedDatabase(options: EmbeddedDatabaseOptions): Promise<EmbeddedDatabase> {
  const database = new EmbeddedDatabase(options);
  await database.start();
  return database;
}
