import { baseModelId, type Model, type ModelList, type RetiredModel, unknownModelError } from '@prodigon/contracts';
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { OPENAI_CONFIG, type OpenAiResourceOptions } from './openai-api.ts';
import {
  getOpenAiModel,
  listOpenAiModels,
  type OpenAiModel,
  openAiModelListSchema,
  openAiModelSchema,
} from './openai-models.operations.ts';

/** No provider reports when a model was created. */
const CREATED_UNKNOWN = 0;

export function openAiModelsRoutes({ catalog, createContext, prefix }: OpenAiResourceOptions): FastifyPluginAsyncZod {
  const config = OPENAI_CONFIG;
  return async (app) => {
    app.get(
      `${prefix}/models`,
      {
        config: { ...config, operation: listOpenAiModels },
        schema: { response: { 200: openAiModelListSchema } },
      },
      async (request, reply) => ({
        object: 'list' as const,
        data: toOpenAiModels(await catalog.list(createContext(request, reply))),
      }),
    );

    app.get(
      // Ids can contain slashes.
      `${prefix}/models/*`,
      {
        config: { ...config, operation: getOpenAiModel(prefix) },
        schema: { params: z.object({ '*': z.string().describe('The id of the model') }), response: { 200: openAiModelSchema } },
      },
      async (request, reply) => {
        const id = request.params['*'];
        const models = toOpenAiModels(await catalog.list(createContext(request, reply)));
        const bareId = baseModelId(id);
        const found = models.find((model) => model.id === bareId);
        if (!found) throw unknownModelError(id);
        // The id with its parameters, as requests accept it.
        return { ...found, id };
      },
    );
  };
}

function toOpenAiModels({ models, retired }: ModelList): OpenAiModel[] {
  const isRetired = (id: string) => retired.some((each) => each.id === id);
  return [
    ...models.map(describe),
    ...models.flatMap((model) =>
      model.aliases.filter((alias) => !isRetired(alias)).map((alias) => ({ ...describe(model), id: alias, alias_of: model.id })),
    ),
    ...retired.filter(({ id }) => !models.some((model) => model.id === id)).map(describeRetired),
  ];
}

function describe({ id, provider, context_tokens, output_tokens_max, retires_on }: Model): OpenAiModel {
  return {
    id,
    object: 'model',
    created: CREATED_UNKNOWN,
    owned_by: provider,
    ...(context_tokens !== null && { context_window: context_tokens }),
    ...(output_tokens_max !== null && { max_completion_tokens: output_tokens_max }),
    ...(retires_on !== null && { retires_on }),
  };
}

function describeRetired({ id, provider, on, use }: RetiredModel): OpenAiModel {
  return { id, object: 'model', created: CREATED_UNKNOWN, owned_by: provider, alias_of: use, retires_on: on };
}
