import { type Operation, SERVICE_ERRORS } from '@prodigon/platform';
import { z } from 'zod';

export const openAiModelSchema = z
  .looseObject({
    id: z.string(),
    object: z.literal('model'),
    created: z.int(),
    owned_by: z.string(),
    context_window: z.int().optional(),
    max_completion_tokens: z.int().optional(),
    alias_of: z.string().optional().describe('The model that serves requests for this id'),
    retires_on: z.iso.date().optional().describe('Date from which another model serves requests for this id'),
  })
  .meta({ id: 'OpenAiModel' });
export type OpenAiModel = z.infer<typeof openAiModelSchema>;

export const openAiModelListSchema = z
  .object({ object: z.literal('list'), data: z.array(openAiModelSchema) })
  .meta({ id: 'OpenAiModelList' });

const model: OpenAiModel = {
  id: 'openai/gpt-oss-120b',
  object: 'model',
  created: 0,
  owned_by: 'groq',
  context_window: 131_072,
  max_completion_tokens: 65_536,
};

export const listOpenAiModels = {
  operationId: 'listOpenAiModels',
  tag: 'openai',
  summary: "List models in OpenAI's format",
  description: 'Returns the ids of all models, including aliases and retired ids.',
  responses: {
    200: {
      description: 'The models',
      content: {
        'application/json': { schema: openAiModelListSchema, examples: { models: { object: 'list', data: [model] } } },
      },
    },
  },
  errors: SERVICE_ERRORS,
} satisfies Operation;

export const getOpenAiModel = (prefix: string) =>
  ({
    operationId: 'getOpenAiModel',
    tag: 'openai',
    summary: "Retrieve a model in OpenAI's format",
    description: 'Returns one model. Its id may contain slashes, encoded as `%2F` or not.',
    path: `${prefix}/models/{model}`,
    responses: {
      200: {
        description: 'The model',
        content: { 'application/json': { schema: openAiModelSchema, examples: { model } } },
      },
    },
    errors: ['UNKNOWN_MODEL', ...SERVICE_ERRORS],
  }) satisfies Operation;
