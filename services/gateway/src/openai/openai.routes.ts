import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { chatCompletionsRoutes } from './chat-completions.routes.ts';
import { embeddingsRoutes } from './embeddings.routes.ts';
import { OPENAI_PREFIXES, type OpenAiRoutesOptions } from './openai-api.ts';
import { openAiModelsRoutes } from './openai-models.routes.ts';
import { responsesRoutes } from './responses/responses.routes.ts';

/** Routes of OpenAI's API. OpenAI clients work with Prodigon after a change of their base URL. */
export function openAiRoutes(options: OpenAiRoutesOptions): FastifyPluginAsyncZod {
  return async (app) => {
    for (const prefix of OPENAI_PREFIXES) {
      const resourceOptions = { ...options, prefix };
      await app.register(chatCompletionsRoutes(resourceOptions));
      await app.register(responsesRoutes(resourceOptions));
      await app.register(embeddingsRoutes(resourceOptions));
      await app.register(openAiModelsRoutes(resourceOptions));
    }
  };
}
