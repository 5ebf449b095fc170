import { randomUUID } from 'node:crypto';
import { createDatabase, withConnection, withDatabase } from '@prodigon/stack';
import { SHARED_POSTGRES_VARIABLE } from './shared-postgres.ts';
import { startTemporaryPostgres, type TestPostgres } from './temporary-postgres.ts';

export type { TestPostgres } from './temporary-postgres.ts';

export interface TestDatabase {
  /** As DATABASE_URL has it. */
  readonly url: string;
  /** Removes it, whoever is connected still. */
  drop(): Promise<void>;
}

/** An empty database of its own on the PostgreSQL server that all tests of a run share. */
export async function createTestDatabase(): Promise<TestDatabase> {
  const server = process.env[SHARED_POSTGRES_VARIABLE];
  if (!server) throw new Error(`Run the tests with npm test: it starts the PostgreSQL that ${SHARED_POSTGRES_VARIABLE} names.`);
  const name = `test_${randomUUID().replaceAll('-', '')}`;
  const url = withDatabase(server, name);
  await createDatabase(url);
  return {
    url,
    drop: () =>
      patiently(() =>
        withConnection(server, async (client) => void (await client.query(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`))),
      ),
  };
}

/** Where all the other tests keep a machine busy even a connection can take too long at first. */
async function patiently(work: () => Promise<void>, triesLeft = 3): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (triesLeft === 0) throw error;
    await patiently(work, triesLeft - 1);
  }
}

/** A PostgreSQL server of its own, for tests that restart or kill it, or fill the disk of the `parent` folder. `close` it at the end. */
export const startTestPostgres = (parent?: string): Promise<TestPostgres> => startTemporaryPostgres({}, parent);
