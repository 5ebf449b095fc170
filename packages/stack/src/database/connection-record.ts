import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';

const recordSchema = z.object({
  /** PostgreSQL's data folder. */
  folder: z.string(),
  /** Where it last listened, on 127.0.0.1. */
  port: z.int(),
  user: z.string(),
  password: z.string(),
  database: z.string(),
});
/** What is needed to connect to the embedded database. */
export type ConnectionRecord = z.infer<typeof recordSchema>;

const recordPath = (dataDirectory: string) => join(dataDirectory, 'database.json');

/** Null when there is none, or none that we wrote. */
export function readRecord(dataDirectory: string): ConnectionRecord | null {
  try {
    return recordSchema.parse(JSON.parse(readFileSync(recordPath(dataDirectory), 'utf8')));
  } catch {
    return null;
  }
}

/** Replaces the record at once: a reader sees the old one or the new one, never a part. */
export function writeRecord(dataDirectory: string, record: ConnectionRecord): void {
  const path = recordPath(dataDirectory);
  const draft = `${path}.${process.pid}`;
  rmSync(draft, { force: true });
  writeFileSync(draft, `${JSON.stringify(record, null, 2)}\n`, { mode: 0o600 });
  renameSync(draft, path);
}

/** As DATABASE_URL has it; with the password. */
export function connectionUrl({ user, password, port, database }: ConnectionRecord): string {
  return `postgresql://${user}:${encodeURIComponent(password)}@127.0.0.1:${port}/${database}`;
}

/** The address alone, for people to see. */
export const publicUrl = ({ port, database }: ConnectionRecord) => `postgresql://127.0.0.1:${port}/${database}`;
