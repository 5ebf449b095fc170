import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { chatCompletionsRoutes } from './chat-completions.routes.ts';
import { embeddingsRoutes } from './embeddings.routes.ts';
import { OPENAI_CONFIG, OPENAI_PREFIXES, type OpenAiRoutesOptions } from './openai-api.ts';
import { IMPLEMENTED_ENDPOINTS } from './openai-endpoints.ts';
import { openAiModelsRoutes } from './openai-models.routes.ts';
import { responsesRoutes } from './responses/responses.routes.ts';

/** The response of the base URL, which people open to check it. */
const DESCRIPTION = {
  object: 'api',
  description: "The base URL of Prodigon's OpenAI-compatible API. Set it as the base URL of a client.",
  endpoints: IMPLEMENTED_ENDPOINTS,
  documentation: '/docs',
};

/** Routes of OpenAI's API. OpenAI clients work with Prodigon after a change of their base URL. */
export function openAiRoutes(options: OpenAiRoutesOptions): FastifyPluginAsyncZod {
  return async (app) => {
    for (const prefix of OPENAI_PREFIXES) {
      const resourceOptions = { ...options, prefix };
      for (const path of [prefix, `${prefix}/`])
        app.get(path, { config: OPENAI_CONFIG, schema: { hide: true } as object }, () => DESCRIPTION);
      await app.register(chatCompletionsRoutes(resourceOptions));
      await app.register(responsesRoutes(resourceOptions));
      await app.register(embeddingsRoutes(resourceOptions));
      await app.register(openAiModelsRoutes(resourceOptions));
    }
  };
}
