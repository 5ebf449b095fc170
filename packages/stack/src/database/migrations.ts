import type * as storage from '@prodigon/storage';

/** Loads the migrations late, because most commands do not need the query builder that comes with them. */
export async function loadMigrations(): Promise<Pick<typeof storage, MigrationExport>> {
  return import('@prodigon/storage');
}
type MigrationExport = 'DATABASE_SCHEMAS' | 'MIGRATIONS_SCHEMA' | 'MIGRATION_NAMES' | 'migrateDatabase';

/** Applies the pending migrations and returns their names. Throws an `AppError`. */
export async function migrateDatabase(url: string): Promise<readonly string[]> {
  const { migrateDatabase } = await loadMigrations();
  return migrateDatabase(url);
}
