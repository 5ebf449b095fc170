import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createDataDirectory, EXIT_CONFIGURATION } from '@prodigon/platform/configuration';
import { StackError } from '../stack-error.ts';
import { type ConnectionRecord, readRecord, writeRecord } from './connection-record.ts';
import { choosePlace, type DatabasePlace } from './database-location.ts';
import { initialiseCluster, SUPERUSER } from './initialise-cluster.ts';
import { locatePostgres } from './postgres-binaries.ts';
import { findServerAccount, type ServerAccount } from './server-user.ts';

export const DATABASE_NAME = 'prodigon';

/** A PostgreSQL data folder and everything that its server needs. */
export interface Cluster extends DatabasePlace {
  readonly dataDirectory: string;
  readonly account: ServerAccount | null;
  readonly record: ConnectionRecord;
}

/**
 * Returns the cluster of a DATA_DIR, and initializes it when there is none. Throws a `StackError` when the folder belongs
 * to something else, or to another major version.
 */
export async function prepareCluster(dataDirectory: string): Promise<Cluster> {
  createDataDirectory(dataDirectory);
  const account = findServerAccount();
  const place = choosePlace({ dataDirectory, binaries: locatePostgres(), account });
  const { folder, binaries } = place;
  if (!isCluster(folder)) {
    assertEmpty(folder);
    await initialiseCluster(place, account, (password) =>
      writeRecord(dataDirectory, { folder, port: 0, user: SUPERUSER, password, database: DATABASE_NAME }),
    );
  }
  const made = readFileSync(join(folder, 'PG_VERSION'), 'utf8').trim();
  if (made !== binaries.major) {
    throw new StackError(
      `The database in ${folder} was made by PostgreSQL ${made}, and this is PostgreSQL ${binaries.major}. Make a backup with the earlier version of Prodigon, set the folder aside and restore it here.`,
      EXIT_CONFIGURATION,
    );
  }
  const record = readRecord(dataDirectory);
  if (record?.folder !== folder) throw unknownDatabase(folder, dataDirectory);
  return { ...place, dataDirectory, account, record };
}

/** Returns whether there is a database in this folder. */
export const isCluster = (folder: string) => existsSync(join(folder, 'PG_VERSION'));

function assertEmpty(folder: string): void {
  if (!existsSync(folder) || readdirSync(folder).length === 0) return;
  throw new StackError(
    `The folder ${folder} is meant for the database, but holds something else. Move it away, or set DATA_DIR to another folder.`,
    EXIT_CONFIGURATION,
  );
}

function unknownDatabase(folder: string, dataDirectory: string): StackError {
  return new StackError(
    `The database in ${folder} cannot be opened, since its password was in ${join(dataDirectory, 'database.json')}, which is missing or another database's. Put that file back, or move the folder away to begin with an empty database.`,
    EXIT_CONFIGURATION,
  );
}
