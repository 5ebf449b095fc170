import { contentDocumentSchema, contentQuerySchema, contentTreeSchema, errorBodySchema } from '@prodigon/contracts';
import type { ContentStore } from '@prodigon/ports';
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';

export function contentRoutes({ content }: { content: ContentStore }): FastifyPluginAsyncZod {
  const config = { access: 'caller' } as const;
  const tags = ['content'];
  return async (app) => {
    app.get(
      '/api/v1/content',
      {
        config,
        schema: {
          tags,
          summary: 'The pages that may be read, or one of them as Markdown',
          querystring: contentQuerySchema,
          response: { 200: z.union([contentTreeSchema, contentDocumentSchema]), '4xx': errorBodySchema },
        },
      },
      async ({ query: { path } }) => {
        if (path === undefined) return { entries: [...(await content.list())] };
        return { path, content: await content.read(path) };
      },
    );

    app.get(
      '/api/v1/content/asset',
      {
        // A picture is asked for by an <img>, which cannot send a key; it holds nothing that the repository does not publish.
        config: { access: 'public' },
        schema: {
          tags,
          summary: 'A picture that a page shows',
          querystring: z.object({ path: z.string().min(1).max(1_024) }),
          response: { 200: z.any(), '4xx': errorBodySchema },
        },
      },
      async ({ query: { path } }, reply) => {
        const { bytes, mediaType } = await content.readAsset(path);
        // A drawing can carry script: as a document of its own it gets a sandbox.
        reply
          .header('content-security-policy', "default-src 'none'; style-src 'unsafe-inline'; sandbox")
          .header('x-content-type-options', 'nosniff');
        return reply.type(mediaType).header('cache-control', 'no-cache').send(Buffer.from(bytes));
      },
    );
  };
}
