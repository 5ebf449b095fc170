import { Kysely, PostgresDialect } from 'kysely';
import pg from 'pg';
import type { Database } from './database-schema.ts';

export interface DatabaseOptions {
  /** E.g. `postgresql://user:password@host:5432/name`. */
  url: string;
  connectionsMax?: number;
}

export interface DatabaseConnections {
  readonly db: Kysely<Database>;
  close(): Promise<void>;
}

const CONNECT_WITHIN_MS = 5_000;
/** No statement of ours takes so long; what does hangs, and would hold its locks. */
const STATEMENT_WITHIN_MS = 60_000;

/** Counts and sums fit a number; without this they come as text. */
const NUMBERS = new Set<number>([pg.types.builtins.INT8, pg.types.builtins.NUMERIC]);

/** A pool of connections, each made when it is first needed: nothing is asked of the database here. */
export function createDatabase({ url, connectionsMax = 10 }: DatabaseOptions): DatabaseConnections {
  const pool = new pg.Pool({
    connectionString: url,
    max: connectionsMax,
    connectionTimeoutMillis: CONNECT_WITHIN_MS,
    idleTimeoutMillis: 30_000,
    keepAlive: true,
    statement_timeout: STATEMENT_WITHIN_MS,
    idle_in_transaction_session_timeout: STATEMENT_WITHIN_MS,
    application_name: 'prodigon',
    // We ask for the first rows in the order of an index. A bitmap reads and sorts all of them first, and is
    // what the planner picks while it knows nothing yet of a table that has just been filled.
    options: '-c enable_bitmapscan=off',
    types: { getTypeParser: (oid, format) => (NUMBERS.has(oid) ? Number : pg.types.getTypeParser(oid, format)) },
  });
  // A connection that breaks is replaced, and whoever was using it is told by their query. The pool listens to the
  // idle ones only: without listeners of our own, one that breaks inside a transaction would end the process.
  pool.on('error', () => {});
  pool.on('connect', (client) => client.on('error', () => {}));
  const db = new Kysely<Database>({ dialect: new PostgresDialect({ pool }) });
  return { db, close: () => db.destroy() };
}
