import { z } from 'zod';

/**
 * A backup is one gzip file of lines. The first line is the header. For each table, in the order of the header, the file
 * contains the rows in the text format of PostgreSQL's COPY, a line with `\.` and a line such as `{"rows":3}`. No row
 * contains the line `\.`. The last line marks the backup as complete.
 */
export const backupHeaderSchema = z.object({
  format: z.literal('prodigon-backup'),
  format_version: z.literal(1),
  /** The version of the platform that wrote the backup. */
  platform_version: z.string(),
  created_at: z.iso.datetime(),
  migrations: z.array(z.string()),
  /** Whether API keys have the hashes of their values. */
  has_key_hashes: z.boolean().default(false),
  /** Each table follows the tables that its foreign keys reference. */
  tables: z.array(z.object({ schema: z.string(), name: z.string(), columns: z.array(z.string()) })),
  sequences: z.array(z.object({ schema: z.string(), name: z.string(), next: z.string().regex(/^-?\d+$/) })),
});
export type BackupHeader = z.infer<typeof backupHeaderSchema>;

export const tableEndSchema = z.object({ rows: z.int().nonnegative() });

export const END_OF_ROWS = Buffer.from('\\.\n');
export const LAST_LINE = '{"complete":true}';

/** The progress of a backup or restore, for the user. */
export interface TableProgress {
  /** The table with its schema, e.g. `worker.jobs`. */
  readonly table: string;
  readonly rows: number;
}
