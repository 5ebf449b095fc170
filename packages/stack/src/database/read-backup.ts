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

/** Reads a backup and calls `onTable` for each table. Throws a `StackError` when the backup is incomplete. */
export async function readBackup(
  path: string,
  onTable: (table: BackupTable) => Promise<void>,
  onHeader: (header: BackupHeader) => Promise<void> = async () => {},
): Promise<BackupHeader> {
  const reader = createBackupReader(path);
  try {
    const header = await readHeader(reader, path);
    await onHeader(header);
    for (const table of header.tables) await onTable(readTable(reader, path, table));
    if ((await withReadErrors(path, reader.readLine())) !== LAST_LINE) throw damaged(path);
    if ((await withReadErrors(path, reader.readLine())) !== null) throw damaged(path);
    return header;
  } finally {
    reader.close();
  }
}

/** Reads a backup to its end and returns its header. Throws a `StackError` when the backup is damaged or incomplete. */
export async function verifyBackup(path: string): Promise<BackupHeader> {
  return readBackup(path, async ({ rows, count }) => {
    let lines = 0;
    for await (const chunk of rows()) for (let at = chunk.indexOf(10); at >= 0; at = chunk.indexOf(10, at + 1)) lines += 1;
    if (lines !== (await count())) throw damaged(path);
  });
}

async function readHeader(reader: BackupReader, path: string): Promise<BackupHeader> {
  let header: unknown;
  try {
    header = JSON.parse((await reader.readLine()) ?? '');
  } catch (error) {
    if (SYSTEM_ERROR.test((error as NodeJS.ErrnoException).code ?? '')) throw unreadable(path, error);
    throw notABackup(path, error);
  }
  const parsed = backupHeaderSchema.safeParse(header);
  if (!parsed.success) throw notABackup(path, parsed.error);
  return parsed.data;
}

function readTable(reader: BackupReader, path: string, table: BackupHeader['tables'][number]): BackupTable {
  return {
    table,
    async *rows() {
      const chunks = reader.readRows();
      for (;;) {
        const { done, value } = await withReadErrors(path, chunks.next());
        if (done) return;
        yield value;
      }
    },
    async count() {
      const line = await withReadErrors(path, reader.readLine());
      try {
        return tableEndSchema.parse(JSON.parse(line ?? '')).rows;
      } catch (error) {
        throw damaged(path, error);
      }
    },
  };
}

/** Converts errors of the file and of gzip into a `StackError`. */
async function withReadErrors<Value>(path: string, read: Promise<Value>): Promise<Value> {
  return read.catch((error: unknown) => {
    throw damaged(path, error);
  });
}

const damaged = (path: string, cause?: unknown) =>
  new StackError(`${path} is damaged or incomplete. Nothing has been changed.`, 1, { cause });
const notABackup = (path: string, cause: unknown) =>
  new StackError(`${path} is not a backup that this version of Prodigon can read. Nothing has been changed.`, 1, { cause });
const unreadable = (path: string, cause: unknown) =>
  new StackError(`${path} cannot be read (${(cause as NodeJS.ErrnoException).code}).`, 1, { cause });
