import type { JobChange, JobChangeFeed } from '@prodigon/ports';
import pg from 'pg';
import { CONNECTION_LIMITS } from './connection-limits.ts';

/** The channel of the trigger in the migrations 0005 and 0008. */
const CHANNEL = 'prodigon_job_changed';
const RECONNECT_DELAY_MS = 1_000;

/** Creates a feed over a connection of its own, which it opens for the first subscriber and reopens when it breaks. */
export function createJobChangeFeed({ url }: { url: string }): JobChangeFeed & { close(): Promise<void> } {
  const listeners = new Set<(change: JobChange | undefined) => void>();
  let client: pg.Client | undefined;
  let reconnecting: NodeJS.Timeout | undefined;
  let isConnected = false;
  let isClosed = false;

  const publish = (change: JobChange | undefined) => {
    for (const listener of listeners) listener(change);
  };

  function connectLater(): void {
    if (!isClosed) reconnecting = setTimeout(() => void connect(), RECONNECT_DELAY_MS).unref();
  }

  async function connect(): Promise<void> {
    let connection: pg.Client;
    try {
      connection = new pg.Client({
        connectionString: url,
        ...CONNECTION_LIMITS,
        application_name: 'prodigon',
      });
    } catch {
      // The certificate that the URL names cannot be read.
      connectLater();
      return;
    }
    client = connection;
    const onLost = () => {
      if (client !== connection) return;
      client = undefined;
      isConnected = false;
      connection.end().catch(() => {});
      connectLater();
    };
    connection.on('error', onLost).on('end', onLost);
    connection.on('notification', ({ payload }) => publish(parseChange(payload)));
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

/** Parses `<owner id>/<job id>`. Only the owner id may contain a slash. */
function parseChange(payload = ''): JobChange | undefined {
  const slash = payload.lastIndexOf('/');
  return slash < 0 ? undefined : { ownerId: payload.slice(0, slash), jobId: payload.slice(slash + 1) };
}
