import pg from 'pg';
import { CONNECTION_LIMITS } from './connection-limits.ts';

/** A connection that holds the advisory locks of this process. All locks end with it, also when the process is killed. */
export interface LockConnection {
  /** Returns the open connection, or opens a new one. */
  open(): Promise<pg.Client>;
  close(): Promise<void>;
}

export function createLockConnection(url: string): LockConnection {
  let current: Promise<pg.Client> | undefined;

  function connect(): Promise<pg.Client> {
    const client = new pg.Client({ connectionString: url, ...CONNECTION_LIMITS });
    const connected = client.connect().then(() => client);
    const forget = () => {
      if (current === connected) current = undefined;
    };
    client.on('error', forget).on('end', forget);
    connected.catch(forget);
    return connected;
  }

  return {
    open() {
      current ??= connect();
      return current;
    },
    async close() {
      const client = await current?.catch(() => undefined);
      await client?.end();
    },
  };
}
