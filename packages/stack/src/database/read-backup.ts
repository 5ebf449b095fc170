import { StackError } from '../stack-error.ts';
import { type BackupHeader, backupHeaderSchema, LAST_LINE, tableEndSchema } from './backup-format.ts';
import { type BackupReader, createBackupReader } from './backup-reader.ts';

/** A table of a backup. Callers must read its rows before the next table. */
export interface BackupTable {
  readonly table: BackupHeader['tables'][number];
  /** Yields the rows in the text format of COPY. */
  rows(): AsyncIterable<Buffer>;
  /** Returns the recorded number of rows. Callers must read the rows first. */
  count(): Promise<number>;
}

const SYSTEM_ERROR = /^E[A-Z]+$/;

/**
 * Reads a backup and calls `onTable` for each table. Throws a `StackError` with the name of the backup when it is incomplete.
 */
export async function readBackup(
  path: string,
  onTable: (table: BackupTable) => Promise<void>,
  name = path,
): Promise<BackupHeader> {
  const reader = createBackupReader(path);
  try {
    const header = await readHeader(reader, name);
    for (const table of header.tables) await onTable(readTable(reader, name, table));
    if ((await withReadErrors(name, reader.readLine())) !== LAST_LINE) throw damaged(name);
    if ((await withReadErrors(name, reader.readLine())) !== null) throw damaged(name);
    return header;
  } finally {
    reader.close();
  }
}

/** Reads a backup to its end and returns its header. Throws a `StackError` when the backup is damaged or incomplete. */
export async function verifyBackup(path: string, name = path): Promise<BackupHeader> {
  const countRows = async ({ rows, count }: BackupTable) => {
    let lines = 0;
    for await (const chunk of rows()) for (let at = chunk.indexOf(10); at >= 0; at = chunk.indexOf(10, at + 1)) lines += 1;
    if (lines !== (await count())) throw damaged(name);
  };
  return readBackup(path, countRows, name);
}

async function readHeader(reader: BackupReader, name: string): Promise<BackupHeader> {
  let header: unknown;
  try {
    header = JSON.parse((await reader.readLine()) ?? '');
  } catch (error) {
    if (SYSTEM_ERROR.test((error as NodeJS.ErrnoException).code ?? '')) throw unreadable(name, error);
    throw notABackup(name, error);
  }
  const parsed = backupHeaderSchema.safeParse(header);
  if (!parsed.success) throw notABackup(name, parsed.error);
  return parsed.data;
}

function readTable(reader: BackupReader, name: string, table: BackupHeader['tables'][number]): BackupTable {
  return {
    table,
    async *rows() {
      const chunks = reader.readRows();
      for (;;) {
        const { done, value } = await withReadErrors(name, chunks.next());
        if (done) return;
        yield value;
      }
    },
    async count() {
      const line = await withReadErrors(name, reader.readLine());
      try {
        return tableEndSchema.parse(JSON.parse(line ?? '')).rows;
      } catch (error) {
        throw damaged(name, error);
      }
    },
  };
}

/** Converts errors of the file and of gzip into a `StackError`. */
async function withReadErrors<Value>(name: string, read: Promise<Value>): Promise<Value> {
  return read.catch((error: unknown) => {
    throw damaged(name, error);
  });
}

const damaged = (name: string, cause?: unknown) =>
  new StackError(`${name} is damaged or incomplete. Nothing has been changed.`, 1, { cause });
const notABackup = (name: string, cause: unknown) =>
  new StackError(`${name} is not a backup that this version of Prodigon can read. Nothing has been changed.`, 1, { cause });
function unreadable(name: string, cause: unknown): StackError {
  const { code } = cause as NodeJS.ErrnoException;
  return new StackError(code === 'ENOENT' ? `${name} does not exist.` : `${name} cannot be read (${code}).`, 1, { cause });
}
