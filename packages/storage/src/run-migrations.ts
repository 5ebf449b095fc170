import { decodeUrlPart } from '@prodigon/contracts';
import { ConfigurationError } from '@prodigon/platform/configuration';
import type { Kysely } from 'kysely';
import { type Migration, Migrator } from 'kysely/migration';
import { createDatabase, type DatabaseOptions, databaseError, STARTUP_PARAMETERS_REJECTED } from './create-database.ts';
import type { Database } from './database-schema.ts';
import { batchJobs } from './migrations/0001-batch-jobs.ts';
import { usage } from './migrations/0002-usage.ts';
import { jobStatus } from './migrations/0003-job-status.ts';
import { sessionLock } from './migrations/0004-session-lock.ts';
import { jobNotifications } from './migrations/0005-job-notifications.ts';
import { optionalJobOptions } from './migrations/0006-optional-job-options.ts';
import { jobRank } from './migrations/0007-job-rank.ts';
import { jobNotificationsOfOwners } from './migrations/0008-job-notifications-of-owners.ts';
import { jobAttempts } from './migrations/0009-job-attempts.ts';

/** All migrations in order. Published migrations never change; add a new one instead. */
const MIGRATIONS: Record<string, Migration> = {
  '0001-batch-jobs': batchJobs,
  '0002-usage': usage,
  '0003-job-status': jobStatus,
  '0004-session-lock': sessionLock,
  '0005-job-notifications': jobNotifications,
  '0006-optional-job-options': optionalJobOptions,
  '0007-job-rank': jobRank,
  '0008-job-notifications-of-owners': jobNotificationsOfOwners,
  '0009-job-attempts': jobAttempts,
};

/** Schemas that the migrations create, in addition to `MIGRATIONS_SCHEMA`, which records the applied migrations. */
export const DATABASE_SCHEMAS = ['worker', 'model'] as const;
export const MIGRATIONS_SCHEMA = 'prodigon';
export const MIGRATION_NAMES: readonly string[] = Object.keys(MIGRATIONS);

const INSUFFICIENT_PRIVILEGE = '42501';

/**
 * Applies all pending migrations and returns their names. When several processes start concurrently, one migrates and
 * the others wait. Throws an `AppError` when the database is unreachable or newer than this version, and a
 * `ConfigurationError` when the user may not apply a pending migration.
 */
export async function migrateDatabase(url: string): Promise<readonly string[]> {
  try {
    return await connectAndMigrate({ url }).catch((thrown: unknown) => {
      if (causeCode(thrown) !== STARTUP_PARAMETERS_REJECTED) throw thrown;
      return connectAndMigrate({ url, isPooled: true });
    });
  } catch (thrown) {
    if (causeCode(thrown) === INSUFFICIENT_PRIVILEGE) throw new ConfigurationError([describeMissingPrivilege(url)]);
    throw thrown;
  }
}

async function connectAndMigrate(options: DatabaseOptions): Promise<readonly string[]> {
  const database = createDatabase({ ...options, connectionsMax: 2 });
  try {
    return await applyMigrations(database.db);
  } finally {
    await database.close();
  }
}

const causeCode = (thrown: unknown) => ((thrown as Error).cause as { code?: string } | undefined)?.code;

function describeMissingPrivilege(url: string): string {
  const user = JSON.stringify(decodeUrlPart(new URL(url).username));
  return `The database user ${user} may not apply the pending migrations: run \`./prodigon migrate\` as the owner of the tables, or grant this user CREATE on the database`;
}

/** Migrates up to and including the migration `last`, or to the latest one. Returns the names of the applied migrations. */
export async function applyMigrations(db: Kysely<Database>, last?: string): Promise<readonly string[]> {
  const migrator = new Migrator({
    db,
    provider: { getMigrations: async () => MIGRATIONS },
    migrationTableSchema: MIGRATIONS_SCHEMA,
    migrationTableName: 'migrations',
    migrationLockTableName: 'migration_lock',
  });
  const { error, results } = last === undefined ? await migrator.migrateToLatest() : await migrator.migrateTo(last);
  if (error !== undefined) throw databaseError(error);
  return (results ?? []).filter(({ status }) => status === 'Success').map(({ migrationName }) => migrationName);
}
