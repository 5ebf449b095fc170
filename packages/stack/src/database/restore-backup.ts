import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { isDeepStrictEqual } from 'node:util';
import type { Client } from 'pg';
import { from as copyFrom } from 'pg-copy-streams';
import { StackError } from '../stack-error.ts';
import type { BackupHeader, TableProgress } from './backup-format.ts';
import { withConnection } from './connect-database.ts';
import { type DatabaseTable, listSequences, listTables, qualifiedName } from './database-tables.ts';
import { assertExclusiveAccess, explainLockTimeout, LOCK_SETTINGS } from './exclusive-access.ts';
import { loadMigrations, migrateDatabase } from './migrations.ts';
import { type BackupTable, readBackup, verifyBackup } from './read-backup.ts';

export interface RestoreOptions {
  /** The URL of the database. */
  readonly url: string;
  readonly path: string;
  /** The name of the backup in messages; its path by default. */
  readonly name?: string;
  /** Whether the restore may delete existing data. */
  readonly replace: boolean;
  readonly onProgress?: (progress: TableProgress) => void;
  readonly signal?: AbortSignal;
}

/**
 * Restores a backup in one transaction. Throws a `StackError` when the file is not a complete backup of these tables, when
 * a service uses the database, or when the database is not empty and `replace` is false.
 */
export async function restoreBackup({
  url,
  path,
  name = path,
  replace,
  onProgress = () => {},
  signal,
}: RestoreOptions): Promise<BackupHeader> {
  const header = await verifyBackup(path, name);
  const { MIGRATION_NAMES } = await loadMigrations();
  assertSameMigrations(header, MIGRATION_NAMES, name);
  await migrateDatabase(url);
  await withConnection(url, async (client) => {
    await client.query('BEGIN');
    await client.query(`SET LOCAL datestyle = 'ISO, YMD'; SET LOCAL intervalstyle = 'postgres'; ${LOCK_SETTINGS}`);
    await assertExclusiveAccess(client);
    await assertKnownTables(client, header, name);
    await truncateTables(client, replace);
    const restoreTable = async (table: BackupTable) => {
      const rows = await copyRows(client, table, signal);
      if (rows !== (await table.count()))
        throw new StackError(`Some rows of ${table.table.name} were not restored. Nothing has been changed.`);
      onProgress({ table: `${table.table.schema}.${table.table.name}`, rows });
    };
    await readBackup(path, restoreTable, name);
    for (const sequence of header.sequences)
      await client.query(`ALTER SEQUENCE ${qualifiedName(sequence)} RESTART WITH ${sequence.next}`);
    signal?.throwIfAborted();
    await client.query('COMMIT');
  });
  // Without statistics of the new rows, the planner chooses slow plans.
  await withConnection(url, (client) => client.query(`ANALYZE ${header.tables.map(qualifiedName).join(', ')}`));
  return header;
}

/** Throws a `StackError` unless the backup has exactly the migrations of this version. */
export function assertSameMigrations(
  { migrations, platform_version }: Pick<BackupHeader, 'migrations' | 'platform_version'>,
  known: readonly string[],
  name: string,
): void {
  const unknown = migrations.filter((migration) => !known.includes(migration));
  if (unknown.length > 0)
    throw new StackError(
      `${name} was written by a later Prodigon (${platform_version}). Restore it with that version. Nothing has been changed.`,
    );
  if (migrations.length < known.length)
    throw new StackError(
      `${name} was written by an earlier Prodigon (${platform_version}) with different tables. Restore it with that version, then start this version, which migrates the database. Nothing has been changed.`,
    );
}

/** Throws a `StackError` unless the backup and this database have the same tables. */
async function assertKnownTables(client: Client, header: BackupHeader, name: string): Promise<void> {
  const describe = (tables: readonly DatabaseTable[]) =>
    tables.map(({ columns, ...table }) => JSON.stringify([table.schema, table.name, ...columns.toSorted()])).toSorted();
  const known = await listSequences(client);
  const isKnown = (sequence: { schema: string; name: string }) =>
    known.some((other) => other.schema === sequence.schema && other.name === sequence.name);
  if (isDeepStrictEqual(describe(await listTables(client)), describe(header.tables)) && header.sequences.every(isKnown)) return;
  throw new StackError(`The tables in ${name} are not those of this database. Nothing has been changed.`);
}

async function truncateTables(client: Client, replace: boolean): Promise<void> {
  const tables = await listTables(client);
  const names = tables.map(qualifiedName);
  await explainLockTimeout(client.query(`LOCK TABLE ${names.join(', ')} IN ACCESS EXCLUSIVE MODE`));
  if (!replace) {
    const nonEmptyTable = await findNonEmptyTable(client, tables);
    if (nonEmptyTable)
      throw new StackError(`The database is not empty: there are rows in ${nonEmptyTable}. To delete its data, add --replace.`);
  }
  await client.query(`TRUNCATE ${names.join(', ')}`);
}

async function findNonEmptyTable(client: Client, tables: readonly DatabaseTable[]): Promise<string | null> {
  for (const table of tables.filter((table) => !hasInitialRow(table))) {
    const { rowCount } = await client.query(`SELECT FROM ${qualifiedName(table)} LIMIT 1`);
    if (rowCount) return `${table.schema}.${table.name}`;
  }
  return null;
}

/** A migration creates the only row of this table. */
const hasInitialRow = ({ schema, name }: DatabaseTable) => schema === 'gateway' && name === 'api_keys_version';

async function copyRows(client: Client, { table, rows }: BackupTable, signal: AbortSignal | undefined): Promise<number> {
  const columns = table.columns.map((column) => client.escapeIdentifier(column)).join(', ');
  const copy = client.query(copyFrom(`COPY ${qualifiedName(table)} (${columns}) FROM STDIN`));
  // The stream may emit another error after `pipeline` has destroyed it.
  copy.on('error', () => {});
  await pipeline(Readable.from(rows(), { objectMode: false }), copy, { ...(signal && { signal }) });
  return copy.rowCount;
}
