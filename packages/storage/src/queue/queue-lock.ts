import pg from 'pg';

export interface QueueLockOptions {
  url: string;
  /** Shared with others that share; exclusive for a queue that serves one worker only. */
  isShared: boolean;
}

/** Any number will do, as long as every worker names the same. */
const LOCK_KEY = 0x70726f64;

/**
 * Keeps a queue that serves one worker apart from all others: a lock that lives as long as this process's
 * connection, so that a crash frees it at once and no clock is asked.
 */
export class QueueLock {
  readonly #options: QueueLockOptions;
  #client: pg.Client | undefined;

  constructor(options: QueueLockOptions) {
    this.#options = options;
  }

  /** Takes it if nobody has it in a way that excludes us. Throws what the database throws. */
  async acquire(): Promise<boolean> {
    if (this.#client) return true;
    const { url, isShared } = this.#options;
    const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 5_000, keepAlive: true });
    const forget = () => {
      if (this.#client === client) this.#client = undefined;
    };
    client.on('error', forget).on('end', forget);
    await client.connect();
    const { rows } = await client.query<{ taken: boolean }>(
      `select ${isShared ? 'pg_try_advisory_lock_shared' : 'pg_try_advisory_lock'}($1) as taken`,
      [LOCK_KEY],
    );
    if (rows[0]?.taken) this.#client = client;
    else await client.end();
    return this.#client !== undefined;
  }

  async close(): Promise<void> {
    await this.#client?.end();
  }
}
