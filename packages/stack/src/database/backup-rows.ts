import { escapeIdentifier } from 'pg';
import { type DatabaseTable, qualifiedName } from './database-tables.ts';

/** Without these columns, nobody can authenticate with a key from a backup or test guesses of its value. */
const KEY_SECRETS: ReadonlySet<string> = new Set(['hash', 'previous_hash', 'previous_expires_at']);

export interface BackupRowsOptions {
  /** Whether a backup contains the hashes of API keys. */
  readonly hasKeyHashes: boolean;
}

/** Returns a query for the rows of a table in a backup, with all its columns. */
export function selectBackupRows(table: DatabaseTable, { hasKeyHashes }: BackupRowsOptions): string {
  const omitted = !hasKeyHashes && isTable(table, 'gateway', 'api_keys') ? KEY_SECRETS : null;
  const columns = table.columns.map((column) => (omitted?.has(column) ? 'NULL' : escapeIdentifier(column))).join(', ');
  // The requests that made the reservations, and the processes that receive responses, end before a restore.
  const isTransient = isTable(table, 'gateway', 'budget_reservations') || isTable(table, 'chat', 'holders');
  const condition = isTransient ? ' WHERE false' : '';
  return `SELECT ${columns} FROM ${qualifiedName(table)}${condition}`;
}

const isTable = (table: DatabaseTable, schema: string, name: string) => table.schema === schema && table.name === name;
