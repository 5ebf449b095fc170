import { embeddingRequestSchema } from '@prodigon/contracts';
import { responseScope } from '@prodigon/platform';
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { embeddingDemand } from '../admission/generation-demand.ts';
import { recordUsage, reportMetadata } from '../generation/response-metadata.ts';
import { createEmbeddings } from './embeddings.operations.ts';
import { OPENAI_CONFIG, type OpenAiResourceOptions, sendJson } from './openai-api.ts';

export function embeddingsRoutes({ model, admission, prefix }: OpenAiResourceOptions): FastifyPluginAsyncZod {
  return async (app) => {
    app.post(
      `${prefix}/embeddings`,
      {
        config: { ...OPENAI_CONFIG, operation: createEmbeddings },
        schema: { body: embeddingRequestSchema },
      },
      async (request, reply) => {
        const context = await admission.admit(request, responseScope(reply), embeddingDemand(request.body));
        const embeddings = await model.embed(request.body, context);
        reportMetadata(reply, embeddings);
        recordUsage(request, embeddings);
        return sendJson(reply, embeddings.body);
      },
    );
  };
}
