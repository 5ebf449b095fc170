import { embeddingRequestSchema } from '@prodigon/contracts';
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { recordUsage, reportMetadata } from '../generation/response-metadata.ts';
import { OPENAI_CONFIG, type OpenAiResourceOptions, sendJson } from './openai-api.ts';
import { OPENAI_ERRORS } from './openai-errors.ts';

export function embeddingsRoutes({ model, admission, prefix }: OpenAiResourceOptions): FastifyPluginAsyncZod {
  return async (app) => {
    app.post(
      `${prefix}/embeddings`,
      {
        config: OPENAI_CONFIG,
        schema: {
          tags: ['openai'],
          summary: 'Create embeddings',
          description: "Implements OpenAI's Embeddings API.",
          body: embeddingRequestSchema,
          response: OPENAI_ERRORS,
        },
      },
      async (request, reply) => {
        const embeddings = await model.embed(request.body, admission.admit(request, reply));
        reportMetadata(reply, embeddings);
        recordUsage(request, embeddings);
        return sendJson(reply, embeddings.body);
      },
    );
  };
}
