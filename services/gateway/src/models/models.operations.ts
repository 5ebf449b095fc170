import { type ModelList, modelListSchema } from '@prodigon/contracts';
import { type Operation, SERVICE_ERRORS } from '@prodigon/platform';

const models: ModelList = {
  default_model: 'prodigon-tutor',
  models: [
    {
      id: 'prodigon-tutor',
      provider: 'tutor',
      offline: true,
      kind: 'chat',
      aliases: [],
      context_tokens: null,
      output_tokens_max: null,
      price: { input: 0, output: 0 },
      fallbacks: [],
      retires_on: null,
      health: {
        state: 'ok',
        breaker: 'closed',
        succeeded: 12,
        failed: 0,
        ttft_p50_ms: 4.2,
        last_error: null,
        retry_after_s: null,
      },
    },
  ],
  retired: [],
  accepts_other_ids: false,
  problems: [],
};

export const listModels = {
  operationId: 'listModels',
  tag: 'models',
  summary: 'List models',
  description: 'Returns the models of all providers, with their prices, limits and health.',
  responses: {
    200: { description: 'The models', content: { 'application/json': { schema: modelListSchema, examples: { models } } } },
  },
  errors: SERVICE_ERRORS,
} satisfies Operation;
