import { z } from 'zod';

/**
 * A backup is one gzip file of lines. The first line is the header. For each table in the header's order follow the rows
 * in the text format of PostgreSQL's COPY, a line with `\.`, which no row contains, and a line such as `{"rows":3}`. The
 * last line marks the backup as complete.
 */
export const backupHeaderSchema = z.object({
  format: z.literal('prodigon-backup'),
  format_version: z.literal(1),
  /** The version of the platform that wrote the backup. */
  platform_version: z.string(),
  created_at: z.iso.datetime(),
  migrations: z.array(z.string()),
  /** Each table follows the tables that it refers to. */
  tables: z.array(z.object({ schema: z.string(), name: z.string(), columns: z.array(z.string()) })),
  sequences: z.array(z.object({ schema: z.string(), name: z.string(), next: z.string().regex(/^-?\d+$/) })),
});
export type BackupHeader = z.infer<typeof backupHeaderSchema>;

export const tableEndSchema = z.object({ rows: z.int().nonnegative() });

export const END_OF_ROWS = Buffer.from('\\.\n');
export const LAST_LINE = '{"complete":true}';

/** The progress of a backup or restore, for the user. */
export interface TableProgress {
  /** E.g. `worker.jobs`. */
  readonly table: string;
  readonly rows: number;
}
