import { AppError } from '@prodigon/contracts';
import { migrateDatabase } from './run-migrations.ts';

/**
 * Returns a function that migrates the database once, and again after a failure, for services that start without the
 * database. Concurrent callers share an attempt. `tables` names the tables in the error.
 */
export function createLazyMigration(url: string, tables: string): () => Promise<unknown> {
  let attempt: Promise<unknown> | undefined;
  return () => {
    attempt ??= migrateDatabase(url).catch((thrown: unknown) => {
      attempt = undefined;
      if (AppError.from(thrown).code !== 'INTERNAL_ERROR') throw thrown;
      // The request is valid: it succeeds when the database is repaired.
      throw new AppError('SERVICE_UNAVAILABLE', `The ${tables} cannot be migrated.`, { cause: thrown });
    });
    return attempt;
  };
}

/** Returns a store whose methods wait for the migration. */
export function afterMigration<Store extends object>(store: Store, migrate: () => Promise<unknown>): Store {
  const methods = Object.entries(store).map(([name, method]: [string, (...args: unknown[]) => unknown]) => [
    name,
    async (...args: unknown[]) => {
      await migrate();
      return method(...args);
    },
  ]);
  return Object.fromEntries(methods) as Store;
}
