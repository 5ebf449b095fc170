import { StackError } from '../stack-error.ts';
import { type BackupHeader, backupHeaderSchema, LAST_LINE, tableEndSchema } from './backup-format.ts';
import { type BackupReader, createBackupReader } from './backup-reader.ts';

/** A table of a backup. Read its rows before the next table. */
export interface BackupTable {
  readonly table: BackupHeader['tables'][number];
  /** In the format of COPY. */
  rows(): AsyncIterable<Buffer>;
  /** Returns the recorded number of rows. Call it after reading the rows. */
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
    if ((await reading(path, reader.readLine())) !== LAST_LINE) throw damaged(path);
    if ((await reading(path, reader.readLine())) !== null) throw damaged(path);
    return header;
  } finally {
    reader.close();
  }
}

/** Reads a whole backup, so that a restore does not start with an incomplete one. */
export async function verifyBackup(path: string): Promise<BackupHeader> {
  return readBackup(path, async ({ rows, count }) => {
    let lines = 0;
    for await (const piece of rows()) for (let at = piece.indexOf(10); at >= 0; at = piece.indexOf(10, at + 1)) lines += 1;
    if (lines !== (await count())) throw damaged(path);
  });
}

async function readHeader(reader: BackupReader, path: string): Promise<BackupHeader> {
  let header: unknown;
  try {
    header = JSON.parse((await reader.readLine()) ?? '');
  } catch (error) {
    if (SYSTEM_ERROR.test((error as NodeJS.ErrnoException).code ?? '')) throw unreadable(path, error);
    throw foreign(path, error);
  }
  const parsed = backupHeaderSchema.safeParse(header);
  if (!parsed.success) throw foreign(path, parsed.error);
  return parsed.data;
}

function readTable(reader: BackupReader, path: string, table: BackupHeader['tables'][number]): BackupTable {
  return {
    table,
    async *rows() {
      const pieces = reader.readRows();
      for (;;) {
        const { done, value } = await reading(path, pieces.next());
        if (done) return;
        yield value;
      }
    },
    async count() {
      const line = await reading(path, reader.readLine());
      try {
        return tableEndSchema.parse(JSON.parse(line ?? '')).rows;
      } catch (error) {
        throw damaged(path, error);
      }
    },
  };
}

/** Converts errors of the file and of gzip. */
async function reading<Value>(path: string, read: Promise<Value>): Promise<Value> {
  return read.catch((error: unknown) => {
    throw damaged(path, error);
  });
}

const damaged = (path: string, cause?: unknown) =>
  new StackError(`${path} is damaged or not whole. Nothing has been changed.`, 1, { cause });
const foreign = (path: string, cause: unknown) =>
  new StackError(`${path} is not a backup that this version of Prodigon can read. Nothing has been changed.`, 1, { cause });
const unreadable = (path: string, cause: unknown) =>
  new StackError(`${path} cannot be read (${(cause as NodeJS.ErrnoException).code}).`, 1, { cause });
