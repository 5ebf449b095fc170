import { setTimeout as wait } from 'node:timers/promises';
import { AppError } from '@prodigon/contracts';
import type { Configuration } from '@prodigon/platform/configuration';
import type { UsageStore } from '@prodigon/ports';
import { createDatabase } from './create-database.ts';
import { createPostgresUsageStore } from './postgres-usage-store.ts';
import { migrateDatabase } from './run-migrations.ts';
import { createNoopUsageStore } from './unrecorded-usage.ts';

export interface UsageStorage {
  readonly store: UsageStore;
  close(): Promise<void>;
}

/** One writes, one reads, one removes. */
const CONNECTIONS_MAX = 3;
const CLOSE_WITHIN_MS = 1_000;

/**
 * Where usage is kept: the configured database, else nowhere. Nothing is asked of it here, because answering goes on
 * without it. Its tables are brought up to date before the first use that finds it there.
 */
export function openUsageStorage({ DATABASE_URL }: Pick<Configuration, 'DATABASE_URL'>): UsageStorage {
  if (DATABASE_URL === undefined) return { store: createNoopUsageStore(), close: async () => {} };
  const { db, close } = createDatabase({ url: DATABASE_URL, connectionsMax: CONNECTIONS_MAX });
  const store = createPostgresUsageStore(db);
  const prepare = createPreparation(DATABASE_URL);
  return {
    store: {
      record: async (records) => prepare().then(() => store.record(records)),
      summarize: async (query) => prepare().then(() => store.summarize(query)),
      purge: async (options) => prepare().then(() => store.purge(options)),
    },
    // A connection that hangs in a statement would hold up the end of the process.
    close: () => Promise.race([close(), wait(CLOSE_WITHIN_MS, undefined, { ref: false })]),
  };
}

/** Migrates once, and again after a failure; who comes while it is under way waits for the same attempt. */
function createPreparation(url: string): () => Promise<unknown> {
  let attempt: Promise<unknown> | undefined;
  return () => {
    attempt ??= migrateDatabase(url).catch((thrown: unknown) => {
      attempt = undefined;
      if (AppError.from(thrown).code !== 'INTERNAL_ERROR') throw thrown;
      // It is no fault of the records: they are kept until somebody has put the database right.
      throw new AppError('SERVICE_UNAVAILABLE', 'The tables of usage cannot be brought up to date.', { cause: thrown });
    });
    return attempt;
  };
}
