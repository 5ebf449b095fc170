import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';

const recordSchema = z.object({
  /** PostgreSQL's data folder. */
  folder: z.string(),
  /** The most recent port on 127.0.0.1. */
  port: z.int(),
  user: z.string(),
  password: z.string(),
  database: z.string(),
});
/** The address and credentials of the embedded database. */
export type ConnectionRecord = z.infer<typeof recordSchema>;

const recordPath = (dataDirectory: string) => join(dataDirectory, 'database.json');

/** Returns the record; null when the file is missing or invalid. */
export function readRecord(dataDirectory: string): ConnectionRecord | null {
  try {
    return recordSchema.parse(JSON.parse(readFileSync(recordPath(dataDirectory), 'utf8')));
  } catch {
    return null;
  }
}

/** Replaces the record atomically. */
export function writeRecord(dataDirectory: string, record: ConnectionRecord): void {
  const path = recordPath(dataDirectory);
  const draft = `${path}.${process.pid}`;
  rmSync(draft, { force: true });
  writeFileSync(draft, `${JSON.stringify(record, null, 2)}\n`, { mode: 0o600 });
  renameSync(draft, path);
}

/** Returns a URL in the format of DATABASE_URL, with the password. */
export function connectionUrl({ user, password, port, database }: ConnectionRecord): string {
  return `postgresql://${user}:${encodeURIComponent(password)}@127.0.0.1:${port}/${database}`;
}

/** Returns the address without the user and the password. */
export const publicUrl = ({ port, database }: ConnectionRecord) => `postgresql://127.0.0.1:${port}/${database}`;
