import { z } from 'zod';

/** A readable Markdown page, e.g. `{path: 'docs/guide/01-rest-vs-grpc.md', title: 'REST and gRPC'}`. */
export const contentEntrySchema = z.object({ path: z.string(), title: z.string() });
export type ContentEntry = z.infer<typeof contentEntrySchema>;

/** GET `/api/v1/content`: the pages in reading order. */
export const contentTreeSchema = z.object({ entries: z.array(contentEntrySchema) }).meta({ id: 'ContentTree' });
export type ContentTree = z.infer<typeof contentTreeSchema>;

/** GET `/api/v1/content?path=`: one page as Markdown. */
export const contentDocumentSchema = z.object({ content: z.string(), path: z.string() }).meta({ id: 'ContentDocument' });
export type ContentDocument = z.infer<typeof contentDocumentSchema>;

/** A path inside the repository, with forward slashes. */
export const contentPathQuerySchema = z.strictObject({ path: z.string().min(1).max(1_024) });
export const contentQuerySchema = contentPathQuerySchema.partial();

/** GET `/api/v1/content/source?path=`: one file of the repository's code. */
export const sourceFileSchema = z.object({ path: z.string(), content: z.string() }).meta({ id: 'SourceFile' });
export type SourceFile = z.infer<typeof sourceFileSchema>;

/** GET `/api/v1/content/source?path=`: the contents of a folder, folders first. */
export const sourceFolderSchema = z
  .object({ path: z.string(), entries: z.array(z.object({ path: z.string(), kind: z.enum(['folder', 'file']) })) })
  .meta({ id: 'SourceFolder' });
export type SourceFolder = z.infer<typeof sourceFolderSchema>;
export type SourceEntry = SourceFolder['entries'][number];

export const sourceSchema = z.union([sourceFileSchema, sourceFolderSchema]);

/** Returns the path of a page or of a source file in the web UI, e.g. `/read/docs/README.md#tests`. */
export function readerPath(path: string, anchor?: string): string {
  const encoded = path.split('/').map(encodeURIComponent).join('/');
  return `/read/${encoded}${anchor ? `#${anchor}` : ''}`;
}
