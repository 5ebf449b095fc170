import { escapeIdentifier } from 'pg';
import { withConnection } from './connect-database.ts';
import { assertExclusiveAccess, explainLockTimeout, LOCK_SETTINGS } from './exclusive-access.ts';
import { loadMigrations, migrateDatabase } from './migrations.ts';

/** Drops the platform's schemas and recreates them. Throws a `StackError` when a service uses the database. */
export async function resetDatabase(url: string): Promise<void> {
  const { DATABASE_SCHEMAS, MIGRATIONS_SCHEMA } = await loadMigrations();
  const schemas = [...DATABASE_SCHEMAS, MIGRATIONS_SCHEMA].map((name) => escapeIdentifier(name));
  await withConnection(url, async (client) => {
    await client.query('BEGIN');
    await client.query(LOCK_SETTINGS);
    await assertExclusiveAccess(client);
    await explainLockTimeout(client.query(`DROP SCHEMA IF EXISTS ${schemas.join(', ')} CASCADE`));
    await client.query('COMMIT');
  });
  await migrateDatabase(url);
}
