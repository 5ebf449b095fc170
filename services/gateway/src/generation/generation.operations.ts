import {
  type GenerateRequestInput,
  type GenerateResponse,
  generateRequestSchema,
  generateResponseSchema,
  streamEventSchemas,
} from '@prodigon/contracts';
import { COMPLETION_HEADERS, eventSchema, idempotencyHeaders, MODEL_ERRORS, type Operation } from '@prodigon/platform';
import { z } from 'zod';

const body = {
  'application/json': {
    schema: generateRequestSchema,
    examples: {
      prompt: { prompt: 'What is backpressure?' },
      conversation: {
        prompt: 'And in one sentence?',
        model: 'prodigon-tutor',
        max_tokens: 256,
        temperature: 0,
        system_prompt: 'Answer briefly.',
        messages: [
          { role: 'user', content: 'What is backpressure?' },
          { role: 'assistant', content: 'A slow reader slows its writer down.' },
        ],
      },
    } satisfies Record<string, GenerateRequestInput>,
  },
};

const completion: GenerateResponse = {
  text: 'A slow reader slows its writer down.',
  model: 'prodigon-tutor',
  usage: { prompt_tokens: 9, completion_tokens: 8, total_tokens: 17 },
  latency_ms: 12.34,
};

export const createCompletion = {
  operationId: 'createCompletion',
  tag: 'generation',
  summary: 'Create a completion',
  description: 'Generates a complete response to one prompt, with the usage of the request.',
  headers: idempotencyHeaders,
  body,
  responses: {
    200: {
      description: 'The completion',
      headers: [...COMPLETION_HEADERS, 'Idempotent-Replayed'],
      content: { 'application/json': { schema: generateResponseSchema, examples: { completion } } },
    },
  },
  errors: [...MODEL_ERRORS, 'CONFLICT'],
} satisfies Operation;

const streamItemSchema = z
  .union([z.string(), eventSchema('StreamEvent', streamEventSchemas)])
  .meta({ id: 'StreamItem', description: 'A token, or an event with `X-Stream-Version: 2`' });

const tokens = 'data: "A slow reader"\n\ndata: " slows its writer down."\n\ndata: [DONE]\n\n';
const events = [
  ['start', { generation_id: 'g1', model: 'prodigon-tutor', request_id: 'r1' }],
  ['token', 'A slow reader slows its writer down.'],
  ['usage', { prompt_tokens: 9, completion_tokens: 8, total_tokens: 17, estimated: false, cost_usd: 0 }],
  ['done', { finish_reason: 'stop', ttft_ms: 1.2, latency_ms: 3.4, model: 'prodigon-tutor', provider: 'tutor', attempts: 1 }],
].map(([event, data], index) => `id: g1:${index}\nevent: ${event}\ndata: ${JSON.stringify(data)}\n\n`);

export const streamCompletion = {
  operationId: 'streamCompletion',
  tag: 'generation',
  summary: 'Stream a completion',
  description: [
    'Returns server-sent events. By default each token is `data: <JSON string>`. The stream ends with `data: [DONE]`, or with `data: [ERROR] <message>` if it fails.',
    'With `X-Stream-Version: 2` the events are typed: `start`, then `token`, `reasoning` and `tool_call`, then `usage` and `done`, or `error` if it fails.',
    'A failure before the first content is an ordinary error, except that typed streams begin with `start` immediately.',
  ].join('\n\n'),
  body,
  responses: {
    200: {
      description: 'The events of the response',
      headers: COMPLETION_HEADERS,
      content: {
        'text/event-stream': {
          schema: z.string(),
          items: streamItemSchema,
          examples: { tokens, events: events.join('') },
        },
      },
    },
  },
  errors: MODEL_ERRORS,
} satisfies Operation;
