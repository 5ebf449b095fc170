import { decodeUrlPart } from '@prodigon/contracts';
import { ConfigurationError } from '@prodigon/platform/configuration';
import { type Kysely, sql } from 'kysely';
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
import { apiKeys } from './migrations/0010-api-keys.ts';
import { conversations } from './migrations/0011-conversations.ts';
import { idempotencyKeys } from './migrations/0012-idempotency-keys.ts';

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
  '0010-api-keys': apiKeys,
  '0011-conversations': conversations,
  '0012-idempotency-keys': idempotencyKeys,
};

/** Schemas that the migrations create, in addition to `MIGRATIONS_SCHEMA`, which records the applied migrations. */
export const DATABASE_SCHEMAS = ['worker', 'model', 'gateway', 'chat'] as const;
export const MIGRATIONS_SCHEMA = 'prodigon';
export const MIGRATION_NAMES: readonly string[] = Object.keys(MIGRATIONS);

/** One connection holds the lock of the migrations. */
export const MIGRATION_CONNECTIONS_MAX = 2;

const INSUFFICIENT_PRIVILEGE = '42501';

/**
 * Applies all pending migrations and returns their names. When several processes start concurrently, one migrates and
 * the others wait. Throws an `AppError` when the database is unreachable, and a `ConfigurationError` when the database is
 * newer than this version or the user may not apply a pending migration.
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
  const database = createDatabase({ ...options, connectionsMax: MIGRATION_CONNECTIONS_MAX });
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
  await assertNotNewer(db);
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

/** An older version must not write to tables that it does not know. */
async function assertNotNewer(db: Kysely<Database>): Promise<void> {
  try {
    const table = sql.lit(`${MIGRATIONS_SCHEMA}.migrations`);
    const { rows: tables } = await sql<{ exists: boolean }>`select to_regclass(${table}) is not null as exists`.execute(db);
    if (!tables[0]?.exists) return;
    const { rows } = await sql<{ name: string }>`
      select name from ${sql.table(`${MIGRATIONS_SCHEMA}.migrations`)} where name <> all(${MIGRATION_NAMES}) order by name
    `.execute(db);
    const [first] = rows;
    if (first) throw new ConfigurationError([describeNewerDatabase(first.name)]);
  } catch (thrown) {
    throw thrown instanceof ConfigurationError ? thrown : databaseError(thrown);
  }
}

const describeNewerDatabase = (migration: string) =>
  `A newer version of Prodigon has migrated the database (${migration}): start that version, or restore a backup of this version into an empty database`;
