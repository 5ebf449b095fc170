import { setTimeout as wait } from 'node:timers/promises';
import type { Client } from 'pg';
import { StackError } from '../stack-error.ts';

const LOCKED = '55P03';

/** For a transaction that must have the tables for itself: it says so soon instead of waiting for ever. */
export const LOCK_SETTINGS = "SET LOCAL lock_timeout = '5s'; SET LOCAL statement_timeout = 0";

/** The server notices a moment later that somebody has hung up. */
const LEAVING_TRIES = 10;
const LEAVING_TRY_EVERY_MS = 100;

/** Throws a `StackError` when a service of Prodigon, wherever it runs, is connected to this database and stays so. */
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
  // Within a transaction the server would go on showing who was there at the first look.
  await client.query('SELECT pg_stat_clear_snapshot()');
  const { rows } = await client.query<{ address: string | null }>(
    `SELECT host(client_addr) AS address FROM pg_stat_activity
     WHERE datname = current_database() AND application_name = 'prodigon' AND pid <> pg_backend_pid() LIMIT 1`,
  );
  return rows[0];
}

/** As the query, but a table that somebody else holds is a `StackError`. */
export async function whenLocked<Result>(query: Promise<Result>): Promise<Result> {
  return query.catch((error: { code?: string }) => {
    throw error.code === LOCKED
      ? new StackError('Something else uses the tables of this database. Stop it first.', 1, { cause: error })
      : error;
  });
}
