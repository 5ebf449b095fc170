import { setTimeout as wait } from 'node:timers/promises';
import type { Client } from 'pg';
import { StackError } from '../stack-error.ts';

const LOCKED = '55P03';

/** Settings for a transaction that needs the tables exclusively. It fails after five seconds instead of waiting forever. */
export const LOCK_SETTINGS = "SET LOCAL lock_timeout = '5s'; SET LOCAL statement_timeout = 0";

/** The server notices a closed connection a moment later. */
const LEAVING_TRIES = 10;
const LEAVING_TRY_EVERY_MS = 100;

/** Throws a `StackError` when a service of Prodigon stays connected to this database. */
export async function assertNobodyElse(client: Client): Promise<void> {
  for (let tries = 1; ; tries += 1) {
    const guest = await findGuest(client);
    if (!guest) return;
    if (tries === LEAVING_TRIES) {
      throw new StackError(
        `A service of Prodigon uses this database${guest.address ? ` (from ${guest.address})` : ''}. Stop it first.`,
      );
    }
    await wait(LEAVING_TRY_EVERY_MS);
  }
}

async function findGuest(client: Client): Promise<{ address: string | null } | undefined> {
  // Within a transaction the server shows the activity of the first query again.
  await client.query('SELECT pg_stat_clear_snapshot()');
  const { rows } = await client.query<{ address: string | null }>(
    `SELECT host(client_addr) AS address FROM pg_stat_activity
     WHERE datname = current_database() AND application_name = 'prodigon' AND pid <> pg_backend_pid() LIMIT 1`,
  );
  return rows[0];
}

/** Runs the query, and throws a `StackError` when another session holds the lock. */
export async function whenLocked<Result>(query: Promise<Result>): Promise<Result> {
  return query.catch((error: { code?: string }) => {
    throw error.code === LOCKED
      ? new StackError('Something else uses the tables of this database. Stop it first.', 1, { cause: error })
      : error;
  });
}
