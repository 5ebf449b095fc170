import { Client } from 'pg';

const CONNECT_WITHIN_MS = 1_500;

/** Runs `work` on a connection of its own. Rejects with what pg says when there is none. */
export async function withConnection<Result>(url: string, work: (client: Client) => Promise<Result>): Promise<Result> {
  const client = new Client({
    connectionString: url,
    connectionTimeoutMillis: CONNECT_WITHIN_MS,
    application_name: 'prodigon command',
  });
  // A connection that breaks between two queries is reported by the next one.
  client.on('error', () => {});
  try {
    await client.connect();
    return await work(client);
  } finally {
    await client.end().catch(() => {});
  }
}
