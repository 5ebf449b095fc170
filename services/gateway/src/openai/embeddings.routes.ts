import { embeddingRequestSchema } from '@prodigon/contracts';
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { recordSource, sourceHeaders } from '../generation/response-metadata.ts';
import { OPENAI_ERRORS } from './openai-errors.ts';
import type { OpenAiPartOptions } from './openai-options.ts';
import { sendJson } from './send-json.ts';

export function embeddingsRoutes({ model, admit, prefix }: OpenAiPartOptions): FastifyPluginAsyncZod {
  return async (app) => {
    app.post(
      `${prefix}/embeddings`,
      {
        config: { access: 'caller' },
        schema: {
          tags: ['openai'],
          summary: 'Embeddings as OpenAI has them',
          body: embeddingRequestSchema,
          response: OPENAI_ERRORS,
        },
      },
      async (request, reply) => {
        const embeddings = await model.embed(request.body, admit(request, reply));
        recordSource(request, embeddings);
        Object.assign(request.record, { usage: embeddings.usage, cost_usd: embeddings.costUsd });
        reply.headers(sourceHeaders(embeddings, request));
        return sendJson(reply, embeddings.body);
      },
    );
  };
}
