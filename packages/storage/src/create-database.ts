import type { Socket } from 'node:net';
import { AppError } from '@prodigon/contracts';
import { Kysely, PostgresDialect } from 'kysely';
import pg from 'pg';
import { CONNECTION_LIMITS } from './connection-limits.ts';
import type { Database } from './database-schema.ts';

export interface DatabaseOptions {
  /** E.g. `postgresql://user:password@host:5432/name`. */
  url: string;
  connectionsMax?: number;
  /** Whether the URL may lead to a connection pooler. Poolers accept no startup parameters; the role has the settings then. */
  isPooled?: boolean;
  /** Whether a connection may fail because the disk of the database is full. PostgreSQL stops when it cannot write its log. */
  isDiskFull?: () => boolean;
  /** Milliseconds without a byte after which a connection that waits for a response breaks. */
  idleTimeoutMs?: number;
}

export interface DatabaseConnections {
  readonly db: Kysely<Database>;
  /** Milliseconds since the last statement succeeded, or since the pool was created. */
  sinceResponseMs(): number;
  close(): Promise<void>;
}

/** Cancels a statement that hangs, because it would keep its locks. No statement of the platform takes this long. */
const STATEMENT_TIMEOUT_MS = 60_000;

/** Longer than any statement, and than idle connections stay in the pool. The kernel repeats a lost request for 15 minutes. */
const RESPONSE_IDLE_TIMEOUT_MS = STATEMENT_TIMEOUT_MS + 5_000;

/** Ends a transaction whose host has lost its power or its network, because it would keep its locks. */
const IDLE_TRANSACTION_TIMEOUT_MS = 10_000;

/** Connections of a pool that has no limit of its own, as that of a worker. */
export const POOL_CONNECTIONS_MAX = 10;

/** PostgreSQL types to parse as numbers instead of text. All counts and sums fit in a number. */
const NUMBERS = new Set<number>([pg.types.builtins.INT8, pg.types.builtins.NUMERIC]);

/** SQLSTATE of a pooler that does not accept the startup parameters of the pool, among other violations of the protocol. */
export const STARTUP_PARAMETERS_REJECTED = '08P01';

const STARTUP_PARAMETERS = {
  statement_timeout: STATEMENT_TIMEOUT_MS,
  idle_in_transaction_session_timeout: IDLE_TRANSACTION_TIMEOUT_MS,
  // Queries read the first rows in index order. A bitmap scan reads and sorts all rows first. The planner chooses it
  // for a new table without statistics.
  options: '-c enable_bitmapscan=off',
};

/** Creates a connection pool. Connects on first use. */
export function createDatabase(options: DatabaseOptions): DatabaseConnections {
  const {
    url,
    connectionsMax = POOL_CONNECTIONS_MAX,
    isPooled = false,
    isDiskFull = () => false,
    idleTimeoutMs = RESPONSE_IDLE_TIMEOUT_MS,
  } = options;
  const pool = new pg.Pool({
    connectionString: url,
    max: connectionsMax,
    ...CONNECTION_LIMITS,
    idleTimeoutMillis: 30_000,
    application_name: 'prodigon',
    ...(!isPooled && STARTUP_PARAMETERS),
    types: { getTypeParser: (oid, format) => (NUMBERS.has(oid) ? Number : pg.types.getTypeParser(oid, format)) },
  });
  // The pool replaces broken connections, and a query on one fails. The pool listens only to idle connections:
  // without these listeners a connection that breaks inside a transaction would end the process.
  pool.on('error', () => {});
  pool.on('connect', (client) => {
    client.on('error', () => {});
    applyIdleTimeout(client, idleTimeoutMs);
  });
  const explain = (thrown: unknown): never => {
    if (!isDiskFull()) throw thrown;
    throw new AppError('INSUFFICIENT_STORAGE', undefined, { cause: thrown, retryAfterSeconds: 10 });
  };
  const connections = { options: pool.options, connect: () => pool.connect().catch(explain), end: () => pool.end() };
  let respondedAt = performance.now();
  const db = new Kysely<Database>({
    dialect: new PostgresDialect({ pool: connections }),
    log: ({ level }) => {
      if (level === 'query') respondedAt = performance.now();
    },
  });
  return { db, sinceResponseMs: () => performance.now() - respondedAt, close: () => db.destroy() };
}

/** Breaks a connection whose other side is silent, e.g. because its host has lost its power. */
function applyIdleTimeout(client: pg.PoolClient, idleTimeoutMs: number): void {
  const { stream } = (client as unknown as { connection: { stream: Socket } }).connection;
  stream.setTimeout(idleTimeoutMs, () => stream.destroy());
}

export { storableText } from '@prodigon/contracts';

/** SQLSTATE classes of transient errors: connection, resources, operator intervention, transaction. */
const TRANSIENT = /^(?:08|53|57|40|55P03|25006|25P03)/;
const UNREACHABLE = /^(?:ECONN|EPIPE|ETIMEDOUT|ENOTFOUND|EAI_|EHOSTUNREACH|ENETUNREACH)/;

/** Converts an error of the database or its connection to an `AppError`. The original error stays in the cause. */
export function databaseError(thrown: unknown): AppError {
  if (thrown instanceof AppError) return thrown;
  const { code = '', message = '' } = thrown as NodeJS.ErrnoException;
  const error = AppError.from(thrown);
  if (error.code === 'INSUFFICIENT_STORAGE') return error;
  const isUnreachable =
    UNREACHABLE.test(code) ||
    /^(?:Connection terminated|timeout exceeded when trying to connect|timeout expired|Client has)/.test(message);
  if (isUnreachable || TRANSIENT.test(code))
    return new AppError('SERVICE_UNAVAILABLE', 'The database is unreachable.', {
      cause: thrown,
      retryAfterSeconds: 1,
    });
  return error;
}

/** Wraps a port so that its methods throw `AppError`s. */
export function translateErrors<Port extends object>(port: Port): Port {
  const translated = Object.entries(port).map(([name, method]) => [
    name,
    typeof method === 'function' ? translateCall(method as (...args: unknown[]) => unknown) : method,
  ]);
  return Object.fromEntries(translated) as Port;
}

function translateCall(method: (...args: unknown[]) => unknown) {
  return (...args: unknown[]) => {
    const result = method(...args);
    if (result instanceof Promise) return result.catch(rethrow);
    return isAsyncIterable(result) ? translateIteration(result) : result;
  };
}

async function* translateIteration<Value>(values: AsyncIterable<Value>): AsyncGenerator<Value> {
  try {
    yield* values;
  } catch (thrown) {
    throw databaseError(thrown);
  }
}

function rethrow(thrown: unknown): never {
  throw databaseError(thrown);
}

function isAsyncIterable(value: unknown): value is AsyncIterable<unknown> {
  return typeof value === 'object' && value !== null && Symbol.asyncIterator in value;
}
