import type * as storage from '@prodigon/storage';

/** Imports the migrations on demand, because most commands do not need their query builder. */
export async function loadMigrations(): Promise<Pick<typeof storage, MigrationExport>> {
  return import('@prodigon/storage');
}
type MigrationExport = 'DATABASE_SCHEMAS' | 'MIGRATIONS_SCHEMA' | 'MIGRATION_NAMES' | 'migrateDatabase';

/** Applies the pending migrations and returns their names. Throws an `AppError`. */
export async function migrateDatabase(url: string): Promise<readonly string[]> {
  const { migrateDatabase } = await loadMigrations();
  return migrateDatabase(url);
}
