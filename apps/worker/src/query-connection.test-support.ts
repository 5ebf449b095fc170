import { withConnection } from '@prodigon/stack';

type Client = Parameters<Parameters<typeof withConnection>[1]>[0];
type Rows = Record<string, unknown>[];

export interface QueryConnection {
  query(sql: string, values?: unknown[]): Promise<Rows>;
  close(): Promise<void>;
}

/** Runs queries on one connection, because connecting costs most of the time of a query. Replaces a broken connection. */
export function createQueryConnection(url: string): QueryConnection {
  let current: ReturnType<typeof open> | null = null;

  function open() {
    const connected = Promise.withResolvers<Client>();
    const finished = Promise.withResolvers<void>();
    const closed = withConnection(url, (client) => {
      connected.resolve(client);
      return finished.promise;
    }).catch(connected.reject);
    return { client: connected.promise, finish: finished.resolve, closed };
  }

  async function close(): Promise<void> {
    const closing = current;
    current = null;
    closing?.finish();
    await closing?.closed;
  }

  async function query(sql: string, values: unknown[] = []): Promise<Rows> {
    const isReused = current !== null;
    current ??= open();
    try {
      return (await (await current.client).query(sql, values)).rows;
    } catch (error) {
      await close();
      if (isReused) return query(sql, values);
      throw error;
    }
  }

  return { query, close };
}
