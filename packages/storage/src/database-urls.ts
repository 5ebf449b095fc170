import { type Configuration, ConfigurationError } from '@prodigon/platform/configuration';
import type pg from 'pg';

/** The URLs of one database. */
export interface DatabaseUrls {
  /** For queries. */
  readonly url: string;
  /** For sessions: migrations, notifications and the locks of workers. */
  readonly directUrl: string;
  /** Whether `url` may lead to a connection pooler in transaction mode. */
  readonly isPooled: boolean;
}

/** Returns the configured URLs, or undefined without a database. */
export function findDatabaseUrls({
  DATABASE_URL,
  DATABASE_DIRECT_URL,
}: Pick<Configuration, 'DATABASE_URL'> & Partial<Pick<Configuration, 'DATABASE_DIRECT_URL'>>): DatabaseUrls | undefined {
  if (DATABASE_URL === undefined) return undefined;
  return { url: DATABASE_URL, directUrl: DATABASE_DIRECT_URL ?? DATABASE_URL, isPooled: DATABASE_DIRECT_URL !== undefined };
}

export const POOLER_PROBLEM =
  'DATABASE_URL leads to a connection pooler: set DATABASE_DIRECT_URL to the address of PostgreSQL itself';
export const DIRECT_POOLER_PROBLEM =
  'DATABASE_DIRECT_URL leads to a connection pooler in transaction mode: set it to the address of PostgreSQL itself';

/**
 * Throws a `ConfigurationError` when two connections to the same URL share a server process. Only a pooler in transaction
 * mode does that, and it loses session locks and notifications. A busy pooler may go unnoticed.
 */
export async function assertSessions(one: pg.Client, other: pg.Client, { isPooled }: DatabaseUrls): Promise<void> {
  const [first, second, third] = [await processOf(one), await processOf(other), await processOf(one)];
  if (first === second || first !== third) throw new ConfigurationError([isPooled ? DIRECT_POOLER_PROBLEM : POOLER_PROBLEM]);
}

async function processOf(client: pg.Client): Promise<number | undefined> {
  const { rows } = await client.query<{ pid: number }>('select pg_backend_pid() as pid');
  return rows[0]?.pid;
}
