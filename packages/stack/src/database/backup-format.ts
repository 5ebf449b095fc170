import { z } from 'zod';

/**
 * A backup is one gzip file of lines. The first is the header. Then comes, for each table in the header's order, what
 * PostgreSQL's COPY writes in its text format, a line with `\.`, which cannot occur in that, and a line such as
 * `{"rows":3}`. The last line says that nothing is missing.
 */
export const backupHeaderSchema = z.object({
  format: z.literal('prodigon-backup'),
  format_version: z.literal(1),
  /** Of the platform that wrote it. */
  platform_version: z.string(),
  created_at: z.iso.datetime(),
  migrations: z.array(z.string()),
  /** Each after those that it refers to. */
  tables: z.array(z.object({ schema: z.string(), name: z.string(), columns: z.array(z.string()) })),
  sequences: z.array(z.object({ schema: z.string(), name: z.string(), next: z.string().regex(/^-?\d+$/) })),
});
export type BackupHeader = z.infer<typeof backupHeaderSchema>;

export const tableEndSchema = z.object({ rows: z.int().nonnegative() });

export const END_OF_ROWS = Buffer.from('\\.\n');
export const LAST_LINE = '{"complete":true}';

/** What was done with a table, for people who wait. */
export interface TableProgress {
  /** E.g. `worker.jobs`. */
  readonly table: string;
  readonly rows: number;
}
