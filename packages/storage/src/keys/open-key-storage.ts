import { setTimeout as wait } from 'node:timers/promises';
import { AppError } from '@prodigon/contracts';
import type { Configuration } from '@prodigon/platform/configuration';
import type { BudgetStore, IdempotencyStore, KeyDirectory, KeyStore } from '@prodigon/ports';
import { createDatabase } from '../create-database.ts';
import { createDatabaseCheck, type DatabaseCheck } from '../database-check.ts';
import { findDatabaseUrls } from '../database-urls.ts';
import { createDiskCheck } from '../disk-space.ts';
import { createPostgresIdempotencyStore } from '../idempotency/postgres-idempotency-store.ts';
import { afterMigration, createLazyMigration } from '../lazy-migration.ts';
import { createKeyDirectory } from './key-directory.ts';
import { createPostgresBudgetStore } from './postgres-budget-store.ts';
import { createPostgresKeyStore } from './postgres-key-store.ts';

export interface KeyStorage {
  readonly store: KeyStore;
  readonly directory: KeyDirectory;
  readonly budgets: BudgetStore;
  readonly idempotency: IdempotencyStore;
  /** Undefined without a database. */
  readonly check: DatabaseCheck | undefined;
  close(): Promise<void>;
}

export const KEY_CONNECTIONS_MAX = 3;
/** All statements are short. A connection whose database is silent must break before the next one is needed. */
const IDLE_TIMEOUT_MS = 10_000;
const CLOSE_TIMEOUT_MS = 1_000;

type KeyConfiguration = Pick<Configuration, 'API_KEYS' | 'DATABASE_URL' | 'DATA_DIR'> &
  Partial<Pick<Configuration, 'DATABASE_DIRECT_URL'>>;

/**
 * Opens the keys of API_KEYS and those in the configured database. Does not connect, because the keys of API_KEYS work
 * without the database. Migrates the database before its first use.
 */
export function openKeyStorage(configuration: KeyConfiguration): KeyStorage {
  const environmentKeys = configuration.API_KEYS;
  const urls = findDatabaseUrls(configuration);
  if (urls === undefined) {
    const directory = createKeyDirectory({ environmentKeys, store: null });
    return {
      store: createUnavailableKeyStore(),
      directory,
      budgets: createUnavailableBudgetStore(),
      idempotency: unavailableIdempotencyStore,
      check: undefined,
      close: () => directory.close(),
    };
  }
  const { db, close } = createDatabase({
    url: urls.url,
    isPooled: urls.isPooled,
    connectionsMax: KEY_CONNECTIONS_MAX,
    isDiskFull: createDiskCheck(configuration),
    idleTimeoutMs: IDLE_TIMEOUT_MS,
  });
  const migrate = createLazyMigration(urls.directUrl, 'tables of API keys');
  const store = afterMigration(createPostgresKeyStore(db), migrate);
  const directory = createKeyDirectory({ environmentKeys, store });
  const closeAll = async () => {
    await directory.close();
    await close();
  };
  return {
    store,
    directory,
    budgets: afterMigration(createPostgresBudgetStore(db), migrate),
    idempotency: afterMigration(createPostgresIdempotencyStore(db), migrate),
    check: createDatabaseCheck(db),
    // A connection that hangs in a statement must not delay the end of the process.
    close: () => Promise.race([closeAll(), wait(CLOSE_TIMEOUT_MS, undefined, { ref: false })]),
  };
}

const unavailable = async (): Promise<never> => {
  throw new AppError('SERVICE_UNAVAILABLE', 'API keys are not stored: this service has no DATABASE_URL.');
};

/** Creates a store without a database, where only the keys of API_KEYS exist. */
function createUnavailableKeyStore(): KeyStore {
  const findNone = async (): Promise<never> => {
    throw new AppError('API_KEY_NOT_FOUND');
  };
  return {
    create: unavailable,
    list: async () => [],
    get: findNone,
    update: findNone,
    revoke: findNone,
    restore: findNone,
    rotate: findNone,
    version: unavailable,
    readAll: unavailable,
    recordUse: unavailable,
  };
}

function createUnavailableBudgetStore(): BudgetStore {
  return { reserve: unavailable, settle: unavailable, settleExpired: async () => 0, spendingOf: async () => new Map() };
}

const unavailableIdempotency = async (): Promise<never> => {
  throw new AppError('SERVICE_UNAVAILABLE', 'Idempotency keys are not stored: this service has no DATABASE_URL.');
};

const unavailableIdempotencyStore: IdempotencyStore = {
  claim: unavailableIdempotency,
  renew: unavailableIdempotency,
  complete: unavailableIdempotency,
  release: unavailableIdempotency,
};
