import { DummyDriver, Kysely, PostgresAdapter, PostgresIntrospector, PostgresQueryCompiler } from 'kysely';
import { expect, it } from 'vitest';
import { createDatabaseCheck } from './database-check.ts';
import type { Database } from './database-schema.ts';

it('waits for one query at a time, so that a database that hangs does not use up all connections', async () => {
  let connections = 0;
  const driver = new DummyDriver();
  driver.acquireConnection = () => {
    connections += 1;
    return new Promise(() => {});
  };
  const db = new Kysely<Database>({
    dialect: {
      createAdapter: () => new PostgresAdapter(),
      createDriver: () => driver,
      createIntrospector: (each) => new PostgresIntrospector(each),
      createQueryCompiler: () => new PostgresQueryCompiler(),
    },
  });
  const check = createDatabaseCheck(db);
  const timedOut = { ok: false, detail: 'The database did not respond within a second.' };
  expect(await Promise.all([check(), check()])).toEqual([timedOut, timedOut]);
  expect(connections).toBe(1);
});
