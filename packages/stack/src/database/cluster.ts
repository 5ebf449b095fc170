import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createDataDirectory, EXIT_CONFIGURATION } from '@prodigon/platform/configuration';
import { StackError } from '../stack-error.ts';
import { type ConnectionRecord, readRecord, writeRecord } from './connection-record.ts';
import { chooseDatabaseLocation, type DatabaseLocation } from './database-location.ts';
import { initializeCluster, SUPERUSER } from './initialize-cluster.ts';
import { locatePostgres } from './postgres-binaries.ts';
import { findServerUser, type ServerUser } from './server-user.ts';

export const DATABASE_NAME = 'prodigon';

/** A PostgreSQL data folder with the binaries, user and credentials of its server. */
export interface Cluster extends DatabaseLocation {
  readonly dataDirectory: string;
  readonly serverUser: ServerUser | null;
  readonly record: ConnectionRecord;
}

/**
 * Returns the cluster of a DATA_DIR, and initializes it if it does not exist. Throws a `StackError` when the folder
 * contains other files, or a cluster of another major version.
 */
export async function prepareCluster(dataDirectory: string, serverUser: ServerUser | null = findServerUser()): Promise<Cluster> {
  createDataDirectory(dataDirectory);
  const location = chooseDatabaseLocation({ dataDirectory, binaries: locatePostgres(), serverUser });
  const { folder, binaries } = location;
  if (!isCluster(folder)) {
    assertEmpty(folder);
    await initializeCluster(location, serverUser, (password) =>
      writeRecord(dataDirectory, { folder, port: 0, user: SUPERUSER, password, database: DATABASE_NAME }),
    );
  }
  const clusterMajor = readFileSync(join(folder, 'PG_VERSION'), 'utf8').trim();
  if (clusterMajor !== binaries.major) {
    throw new StackError(
      `The database in ${folder} was created by PostgreSQL ${clusterMajor}, but this version of Prodigon runs PostgreSQL ${binaries.major}. Write a backup with the previous version of Prodigon, move the folder away and restore the backup with this version.`,
      EXIT_CONFIGURATION,
    );
  }
  const record = readRecord(dataDirectory);
  if (record?.folder !== folder) throw unknownDatabase(folder, dataDirectory);
  return { ...location, notices: [...noticeOf(serverUser), ...location.notices], dataDirectory, serverUser, record };
}

const noticeOf = (user: ServerUser | null): string[] =>
  user?.isCreated ? ['Created the system user "postgres", because PostgreSQL does not run as root.'] : [];

/** Returns whether this folder contains a database. */
export const isCluster = (folder: string) => existsSync(join(folder, 'PG_VERSION'));

function assertEmpty(folder: string): void {
  if (!existsSync(folder) || readdirSync(folder).length === 0) return;
  throw new StackError(
    `The folder ${folder} is reserved for the database, but contains other files. Move it away, or set DATA_DIR to another folder.`,
    EXIT_CONFIGURATION,
  );
}

function unknownDatabase(folder: string, dataDirectory: string): StackError {
  return new StackError(
    `The database in ${folder} cannot be opened, because ${join(dataDirectory, 'database.json')}, which contains its password, is missing or belongs to another database. Restore that file, or move the folder away to start with an empty database.`,
    EXIT_CONFIGURATION,
  );
}
