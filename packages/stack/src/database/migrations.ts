import type * as storage from '@prodigon/storage';

/** What the database's tables are. Loaded late, because most commands do without the query builder that comes with it. */
export async function loadMigrations(): Promise<Pick<typeof storage, MigrationExport>> {
  return import('@prodigon/storage');
}
type MigrationExport = 'DATABASE_SCHEMAS' | 'MIGRATIONS_SCHEMA' | 'MIGRATION_NAMES' | 'migrateDatabase';

/** Brings the tables of the database up to date and returns the names of what was applied. Throws an `AppError`. */
export async function migrateDatabase(url: string): Promise<readonly string[]> {
  const { migrateDatabase } = await loadMigrations();
  return migrateDatabase(url);
}
