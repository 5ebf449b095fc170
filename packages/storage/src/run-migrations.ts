import type { Kysely } from 'kysely';
import { type Migration, Migrator } from 'kysely/migration';
import { createDatabase } from './create-database.ts';
import { databaseError } from './database-errors.ts';
import type { Database } from './database-schema.ts';
import { batchJobs } from './migrations/0001-batch-jobs.ts';
import { usage } from './migrations/0002-usage.ts';

/** In the order in which they are applied. One that has been published is never changed; a new one is added. */
const MIGRATIONS: Record<string, Migration> = {
  '0001-batch-jobs': batchJobs,
  '0002-usage': usage,
};

/** The schemas that the migrations fill, besides `prodigon`, where they are written down. */
export const DATABASE_SCHEMAS = ['worker', 'model'] as const;
export const MIGRATIONS_SCHEMA = 'prodigon';
export const MIGRATION_NAMES: readonly string[] = Object.keys(MIGRATIONS);

/**
 * Brings the database's tables up to date and returns the names of what was applied. Of several processes
 * that start at once one does it, and the others wait. Throws an `AppError` when the database cannot be
 * reached, or is newer than this version of the platform.
 */
export async function migrateDatabase(url: string): Promise<readonly string[]> {
  const database = createDatabase({ url, connectionsMax: 2 });
  try {
    return await applyMigrations(database.db);
  } finally {
    await database.close();
  }
}

async function applyMigrations(db: Kysely<Database>): Promise<readonly string[]> {
  const migrator = new Migrator({
    db,
    provider: { getMigrations: async () => MIGRATIONS },
    migrationTableSchema: MIGRATIONS_SCHEMA,
    migrationTableName: 'migrations',
    migrationLockTableName: 'migration_lock',
  });
  const { error, results } = await migrator.migrateToLatest();
  if (error !== undefined) throw databaseError(error);
  return (results ?? []).filter(({ status }) => status === 'Success').map(({ migrationName }) => migrationName);
}
