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

export const contentQuerySchema = z.strictObject({ path: z.string().min(1).max(1_024).optional() });

/** Returns the path of a page in the web UI, e.g. `/read/docs/README.md#tests`. */
export function readerPath(path: string, anchor?: string): string {
  const encoded = path.split('/').map(encodeURIComponent).join('/');
  return `/read/${encoded}${anchor ? `#${anchor}` : ''}`;
}
