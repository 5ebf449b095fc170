import { sleep } from '@prodigon/contracts';
import type { Client } from 'pg';
import { StackError } from '../stack-error.ts';

const LOCKED = '55P03';

/** Settings for a transaction that locks whole tables. It fails after five seconds instead of waiting forever. */
export const LOCK_SETTINGS = "SET LOCAL lock_timeout = '5s'; SET LOCAL statement_timeout = 0";

/** PostgreSQL lists a closed connection for a short time, so the check retries. */
const CHECKS_MAX = 10;
const CHECK_INTERVAL_MS = 100;

/** Throws a `StackError` when a service of Prodigon stays connected to this database. */
export async function assertExclusiveAccess(client: Client): Promise<void> {
  for (let checks = 1; ; checks += 1) {
    const service = await findConnectedService(client);
    if (!service) return;
    if (checks === CHECKS_MAX) {
      throw new StackError(
        `A service of Prodigon uses this database${service.address ? ` (from ${service.address})` : ''}. Stop it first.`,
      );
    }
    await sleep(CHECK_INTERVAL_MS);
  }
}

async function findConnectedService(client: Client): Promise<{ address: string | null } | undefined> {
  // Within a transaction, PostgreSQL caches the statistics of the first query.
  await client.query('SELECT pg_stat_clear_snapshot()');
  const { rows } = await client.query<{ address: string | null }>(
    `SELECT host(client_addr) AS address FROM pg_stat_activity
     WHERE datname = current_database() AND application_name = 'prodigon' AND pid <> pg_backend_pid() LIMIT 1`,
  );
  return rows[0];
}

/** Returns the result of the query. Throws a `StackError` when another session holds the lock. */
export async function explainLockTimeout<Result>(query: Promise<Result>): Promise<Result> {
  return query.catch((error: { code?: string }) => {
    throw error.code === LOCKED
      ? new StackError('Another session locks the tables of this database. Close it first.', 1, { cause: error })
      : error;
  });
}
