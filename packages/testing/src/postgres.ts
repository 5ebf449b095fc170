import { randomUUID } from 'node:crypto';
import { withConnection, withDatabase } from '@prodigon/stack';
import { MIGRATED_DATABASE, SHARED_POSTGRES_VARIABLE, sharedResource } from './shared-resources.ts';
import { startTemporaryPostgres, type TestPostgres } from './temporary-postgres.ts';

export type { TestPostgres } from './temporary-postgres.ts';

export interface TestDatabase {
  /** A value of `DATABASE_URL`. */
  readonly url: string;
  /** Removes it and ends the connections to it. */
  drop(): Promise<void>;
}

/** Creates a database on the PostgreSQL server that all tests of a run share: an empty one, or one with every table. */
export async function createTestDatabase({ isMigrated = false } = {}): Promise<TestDatabase> {
  const server = sharedResource(SHARED_POSTGRES_VARIABLE);
  const run = (sql: string) => withConnection(withDatabase(server, 'postgres'), async (client) => void (await client.query(sql)));
  const template = isMigrated ? MIGRATED_DATABASE : 'template1';
  const name = await retry(async () => {
    const candidate = `test_${randomUUID().replaceAll('-', '')}`;
    await run(`CREATE DATABASE ${candidate} TEMPLATE ${template}`);
    return candidate;
  });
  return {
    url: withDatabase(server, name),
    drop: () => retry(() => run(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`)),
  };
}

/** On a busy machine even a connection can time out at first. */
async function retry<Result>(work: () => Promise<Result>, triesLeft = 3): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    if (triesLeft === 0) throw error;
    return retry(work, triesLeft - 1);
  }
}

/** Starts a separate PostgreSQL server, for tests that restart or kill it, or fill the disk of the `parent` folder. `close` it at the end. */
export const startTestPostgres = (parent?: string): Promise<TestPostgres> =>
  startTemporaryPostgres(parent === undefined ? {} : { parent });
