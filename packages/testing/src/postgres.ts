import { randomUUID } from 'node:crypto';
import { withConnection, withDatabase } from '@prodigon/stack';
import { MIGRATED_DATABASE, SHARED_POSTGRES_VARIABLE, sharedResource } from './shared-resources.ts';
import { startTemporaryPostgres, type TestPostgres, type TestPostgresOptions } from './temporary-postgres.ts';

export type { TestPostgres } from './temporary-postgres.ts';

export interface TestDatabase {
  /** A value of `DATABASE_URL`. */
  readonly url: string;
  /** Closes all connections to the database and deletes it. */
  drop(): Promise<void>;
}

/** Creates a database on the PostgreSQL server that all tests of a run share, either empty or with all tables. */
export async function createTestDatabase({ isMigrated = false } = {}): Promise<TestDatabase> {
  const server = sharedResource(SHARED_POSTGRES_VARIABLE);
  const run = (sql: string) => withConnection(withDatabase(server, 'postgres'), async (client) => void (await client.query(sql)));
  const template = isMigrated ? MIGRATED_DATABASE : 'template1';
  const name = await retry(async () => {
    const candidate = `test_${randomUUID().replaceAll('-', '')}`;
    // Copying the files takes half the CPU time of copying them through the write-ahead log.
    await run(`CREATE DATABASE ${candidate} TEMPLATE ${template} STRATEGY file_copy`);
    return candidate;
  });
  return {
    url: withDatabase(server, name),
    drop: () => retry(() => run(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`)),
  };
}

/** Retries, because connecting can time out on a busy machine. */
async function retry<Result>(operation: () => Promise<Result>, retriesLeft = 3): Promise<Result> {
  try {
    return await operation();
  } catch (error) {
    if (retriesLeft === 0) throw error;
    return retry(operation, retriesLeft - 1);
  }
}

/** Settings that make commits survive a crash of the machine, as those of a production server do. */
export const DURABLE_SETTINGS = { fsync: 'on', full_page_writes: 'on' };

/**
 * Starts a separate PostgreSQL server, for tests that stop or kill it, or fill the disk of the `parent` folder, and for
 * benchmarks. It does not use fsync unless `settings` are `DURABLE_SETTINGS`.
 */
export const startTestPostgres = (options: Pick<TestPostgresOptions, 'parent' | 'settings'> = {}): Promise<TestPostgres> =>
  startTemporaryPostgres(options);
