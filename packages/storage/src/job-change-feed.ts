import type { JobChangeFeed } from '@prodigon/ports';
import pg from 'pg';

/** The channel of the trigger in migration 0005. */
const CHANNEL = 'prodigon_job_changed';
const RECONNECT_DELAY_MS = 1_000;
const CONNECT_TIMEOUT_MS = 5_000;

/** Creates a feed over a connection of its own, which it opens for the first subscriber and reopens when it breaks. */
export function createJobChangeFeed({ url }: { url: string }): JobChangeFeed & { close(): Promise<void> } {
  const listeners = new Set<(jobId: string | undefined) => void>();
  let client: pg.Client | undefined;
  let reconnecting: NodeJS.Timeout | undefined;
  let isConnected = false;
  let isClosed = false;

  const publish = (jobId: string | undefined) => {
    for (const listener of listeners) listener(jobId);
  };

  async function connect(): Promise<void> {
    const connection = new pg.Client({
      connectionString: url,
      keepAlive: true,
      connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
      application_name: 'prodigon',
    });
    client = connection;
    const onLost = () => {
      if (client !== connection) return;
      client = undefined;
      isConnected = false;
      connection.end().catch(() => {});
      if (!isClosed) reconnecting = setTimeout(() => void connect(), RECONNECT_DELAY_MS).unref();
    };
    connection.on('error', onLost).on('end', onLost);
    connection.on('notification', ({ payload }) => publish(payload));
    try {
      await connection.connect();
      await connection.query(`listen ${CHANNEL}`);
      isConnected = true;
      // Changes before the connection had no listener.
      publish(undefined);
    } catch {
      onLost();
    }
  }

  return {
    get isConnected() {
      return isConnected;
    },
    subscribe(listener) {
      listeners.add(listener);
      if (!client && !reconnecting && !isClosed) void connect();
      return () => void listeners.delete(listener);
    },
    async close() {
      isClosed = true;
      clearTimeout(reconnecting);
      const open = client;
      client = undefined;
      await open?.end().catch(() => {});
    },
  };
}
