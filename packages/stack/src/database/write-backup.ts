import { once } from 'node:events';
import { createWriteStream, existsSync, renameSync, rmSync } from 'node:fs';
import type { Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { VERSION } from '@prodigon/platform/configuration';
import type { Client } from 'pg';
import { to as copyTo } from 'pg-copy-streams';
import { StackError } from '../stack-error.ts';
import { type BackupHeader, END_OF_ROWS, LAST_LINE, type TableProgress } from './backup-format.ts';
import { selectBackupRows } from './backup-rows.ts';
import { withConnection } from './connect-database.ts';
import { listMigrations, listSequences, listTables } from './database-tables.ts';

export interface BackupOptions {
  /** The URL of the database. */
  readonly url: string;
  /** The path of a new file, which appears there when the backup is complete, or standard output. */
  readonly target: string | Writable;
  /** Whether to include the hashes of API keys. Without them, restored keys have no value until somebody rotates them. */
  readonly hasKeyHashes?: boolean;
  readonly onProgress?: (progress: TableProgress) => void;
  readonly signal?: AbortSignal;
}

/**
 * Writes a consistent snapshot of the platform's database. The platform may run. Memory usage is bounded. Throws a
 * `StackError` when the target exists or cannot be written, or when there are no tables.
 */
export async function writeBackup({ target, ...options }: BackupOptions): Promise<BackupHeader> {
  if (typeof target !== 'string')
    return writeSnapshot(options, () => target).catch((error: unknown) => {
      throw explainWriteError(error, 'Standard output');
    });
  if (existsSync(target)) throw new StackError(`${target} already exists. Choose a new file name.`);
  const draft = `${target}.partial`;
  try {
    // Only the owner may read the users' prompts. `flush` makes the backup survive a power loss.
    const header = await writeSnapshot(options, () => createWriteStream(draft, { mode: 0o600, flush: true }));
    renameSync(draft, target);
    return header;
  } catch (error) {
    rmSync(draft, { force: true });
    throw explainWriteError(error, target);
  }
}

function explainWriteError(error: unknown, name: string): unknown {
  const { code, syscall } = error as NodeJS.ErrnoException;
  if (!syscall || !code || /connect|getaddrinfo/.test(syscall)) return error;
  return new StackError(`${name} cannot be written (${code}).`, 1, { cause: error });
}

async function writeSnapshot(
  { url, hasKeyHashes = false, onProgress = () => {}, signal }: Omit<BackupOptions, 'target'>,
  open: () => Writable,
): Promise<BackupHeader> {
  return withConnection(url, async (client) => {
    await client.query('BEGIN TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY');
    // These settings determine the text format of values.
    await client.query("SET LOCAL datestyle = 'ISO, YMD'; SET LOCAL intervalstyle = 'postgres'; SET LOCAL timezone = 'UTC'");
    const header = { ...(await describeDatabase(client)), has_key_hashes: hasKeyHashes };
    await writeTables(client, header, open(), onProgress, signal);
    return header;
  });
}

async function describeDatabase(client: Client): Promise<Omit<BackupHeader, 'has_key_hashes'>> {
  const migrations = await listMigrations(client);
  if (migrations.length === 0)
    throw new StackError('There is nothing to back up: the database contains no tables of Prodigon yet.');
  return {
    format: 'prodigon-backup',
    format_version: 1,
    platform_version: VERSION,
    created_at: new Date().toISOString(),
    migrations,
    tables: await listTables(client),
    sequences: await listSequences(client),
  };
}

async function writeTables(
  client: Client,
  header: BackupHeader,
  output: Writable,
  onProgress: (progress: TableProgress) => void,
  signal: AbortSignal | undefined,
): Promise<void> {
  const gzip = createGzip();
  const written = pipeline(gzip, output, { ...(signal && { signal }) });
  const writeAll = async () => {
    await writeLine(gzip, JSON.stringify(header));
    for (const table of header.tables) {
      const rows = await copyRows(client, selectBackupRows(table, { hasKeyHashes: header.has_key_hashes }), gzip, signal);
      onProgress({ table: `${table.schema}.${table.name}`, rows });
    }
    gzip.end(`${LAST_LINE}\n`);
  };
  // If the output cannot be written, `writeAll` alone would wait forever for `drain`.
  await Promise.race([writeAll(), written]).catch((error: Error) => {
    gzip.destroy(error);
  });
  await written;
}

async function copyRows(client: Client, rows: string, to: Writable, signal: AbortSignal | undefined): Promise<number> {
  const copy = client.query(copyTo(`COPY (${rows}) TO STDOUT`));
  // The stream may emit another error after an abort has destroyed it.
  copy.on('error', () => {});
  for await (const chunk of copy) {
    signal?.throwIfAborted();
    await write(to, chunk);
  }
  await write(to, END_OF_ROWS);
  await writeLine(to, JSON.stringify({ rows: copy.rowCount }));
  return copy.rowCount;
}

const writeLine = (to: Writable, line: string) => write(to, `${line}\n`);

async function write(to: Writable, chunk: string | Buffer): Promise<void> {
  if (!to.write(chunk)) await once(to, 'drain');
}
