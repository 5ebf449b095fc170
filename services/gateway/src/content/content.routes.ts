import { contentPathQuerySchema, contentQuerySchema, sourceSchema } from '@prodigon/contracts';
import type { ContentStore } from '@prodigon/ports';
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { contentSchema, getContent, getContentAsset, getContentSource } from './content.operations.ts';

export function contentRoutes({ content }: { content: ContentStore }): FastifyPluginAsyncZod {
  return async (app) => {
    app.get(
      '/api/v1/content',
      {
        config: { access: 'caller', operation: getContent },
        schema: { querystring: contentQuerySchema, response: { 200: contentSchema } },
      },
      async ({ query: { path } }) => {
        if (path === undefined) return { entries: [...(await content.list())] };
        return { path, content: await content.read(path) };
      },
    );

    app.get(
      '/api/v1/content/source',
      {
        config: { access: 'caller', operation: getContentSource },
        schema: { querystring: contentPathQuerySchema, response: { 200: sourceSchema } },
      },
      ({ query: { path } }) => content.readSource(path),
    );

    app.get(
      '/api/v1/content/asset',
      {
        // An <img> element cannot send a key, and the repository publishes the images.
        config: { access: 'public', operation: getContentAsset },
        schema: { querystring: contentPathQuerySchema },
      },
      async ({ query: { path } }, reply) => {
        const { bytes, mediaType } = await content.readAsset(path);
        // An SVG can contain scripts, so a browser that opens one directly gets a sandbox.
        reply.header('content-security-policy', "default-src 'none'; style-src 'unsafe-inline'; sandbox");
        return reply.type(mediaType).send(Buffer.from(bytes));
      },
    );
  };
}
