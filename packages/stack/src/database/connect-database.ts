import { Client } from 'pg';

const CONNECT_TIMEOUT_MS = 1_500;

/** Runs `work` on a new connection and closes it. Rejects with the error of pg when it cannot connect. */
export async function withConnection<Result>(url: string, work: (client: Client) => Promise<Result>): Promise<Result> {
  const client = new Client({
    connectionString: url,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    application_name: 'prodigon command',
  });
  // The next query reports a connection that breaks between two queries.
  client.on('error', () => {});
  try {
    await client.connect();
    return await work(client);
  } finally {
    await client.end().catch(() => {});
  }
}
