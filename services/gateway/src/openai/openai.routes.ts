import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { chatCompletionsRoutes } from './chat-completions.routes.ts';
import { embeddingsRoutes } from './embeddings.routes.ts';
import { openAiModelsRoutes } from './openai-models.routes.ts';
import type { OpenAiRoutesOptions } from './openai-options.ts';
import { OPENAI_PREFIXES } from './openai-prefixes.ts';
import { responsesRoutes } from './responses/responses.routes.ts';

/** OpenAI's API: whatever speaks it works here by changing its base URL. */
export function openAiRoutes(options: OpenAiRoutesOptions): FastifyPluginAsyncZod {
  return async (app) => {
    for (const prefix of OPENAI_PREFIXES) {
      const part = { ...options, prefix };
      await app.register(chatCompletionsRoutes(part));
      await app.register(responsesRoutes(part));
      await app.register(embeddingsRoutes(part));
      await app.register(openAiModelsRoutes(part));
    }
  };
}
