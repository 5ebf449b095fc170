import { escapeIdentifier } from 'pg';
import { withConnection } from './connect-database.ts';
import { assertNobodyElse, LOCK_SETTINGS, whenLocked } from './exclusive-access.ts';
import { loadMigrations, migrateDatabase } from './migrations.ts';

/** Deletes the platform's schemas in this database and creates them again. Throws a `StackError` when it is in use. */
export async function resetDatabase(url: string): Promise<void> {
  const { DATABASE_SCHEMAS, MIGRATIONS_SCHEMA } = await loadMigrations();
  const schemas = [...DATABASE_SCHEMAS, MIGRATIONS_SCHEMA].map((name) => escapeIdentifier(name));
  await withConnection(url, async (client) => {
    await client.query('BEGIN');
    await client.query(LOCK_SETTINGS);
    await assertNobodyElse(client);
    await whenLocked(client.query(`DROP SCHEMA IF EXISTS ${schemas.join(', ')} CASCADE`));
    await client.query('COMMIT');
  });
  await migrateDatabase(url);
}
