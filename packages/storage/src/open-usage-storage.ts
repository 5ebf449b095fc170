import { setTimeout as wait } from 'node:timers/promises';
import { AppError } from '@prodigon/contracts';
import type { Configuration } from '@prodigon/platform/configuration';
import type { UsageStore } from '@prodigon/ports';
import { createDatabase } from './create-database.ts';
import { createPostgresUsageStore } from './postgres-usage-store.ts';
import { migrateDatabase } from './run-migrations.ts';

export interface UsageStorage {
  readonly store: UsageStore;
  close(): Promise<void>;
}

/** One each for writing, reading and purging. */
const CONNECTIONS_MAX = 3;
const CLOSE_WITHIN_MS = 1_000;

/**
 * Opens the usage store in the configured database, or a no-op store without one. Does not connect: the model service
 * works without the database. Migrates the database before its first use.
 */
export function openUsageStorage({ DATABASE_URL }: Pick<Configuration, 'DATABASE_URL'>): UsageStorage {
  if (DATABASE_URL === undefined) return { store: createNoopUsageStore(), close: async () => {} };
  const { db, close } = createDatabase({ url: DATABASE_URL, connectionsMax: CONNECTIONS_MAX });
  const store = createPostgresUsageStore(db);
  const migrate = createMigrator(DATABASE_URL);
  return {
    store: {
      record: async (records) => migrate().then(() => store.record(records)),
      summarize: async (query) => migrate().then(() => store.summarize(query)),
      purge: async (options) => migrate().then(() => store.purge(options)),
    },
    // A connection that hangs in a statement must not delay the end of the process.
    close: () => Promise.race([close(), wait(CLOSE_WITHIN_MS, undefined, { ref: false })]),
  };
}

/** Migrates once, and again after a failure. Concurrent callers share an attempt. */
function createMigrator(url: string): () => Promise<unknown> {
  let attempt: Promise<unknown> | undefined;
  return () => {
    attempt ??= migrateDatabase(url).catch((thrown: unknown) => {
      attempt = undefined;
      if (AppError.from(thrown).code !== 'INTERNAL_ERROR') throw thrown;
      // The records are valid: callers keep them until the database is repaired.
      throw new AppError('SERVICE_UNAVAILABLE', 'The usage tables cannot be migrated.', { cause: thrown });
    });
    return attempt;
  };
}

/** Creates a store that records nothing and refuses to summarize, for a model service without a database. */
export function createNoopUsageStore(): UsageStore {
  return {
    record: async () => 0,
    async summarize() {
      throw new AppError('SERVICE_UNAVAILABLE', 'Usage is not recorded: the model service has no DATABASE_URL.');
    },
    purge: async () => 0,
  };
}
