import {
  type ChatCompletion,
  type ChatCompletionChunk,
  type ChatRequest,
  chatCompletionChunkSchema,
  chatCompletionSchema,
  chatRequestSchema,
} from '@prodigon/contracts';
import { COMPLETION_HEADERS, MODEL_ERRORS, type Operation } from '@prodigon/platform';
import { z } from 'zod';

const header = { id: 'chatcmpl-01989f3e', created: 1_772_357_400, model: 'prodigon-tutor' };
const text = 'A slow reader slows its writer down.';

const requests = {
  message: { model: 'prodigon-tutor', messages: [{ role: 'user', content: 'What is backpressure?' }] },
  stream: {
    messages: [{ role: 'user', content: 'What is backpressure?' }],
    stream: true,
    stream_options: { include_usage: true },
  },
  tools: {
    messages: [{ role: 'user', content: 'What is the weather in Zürich?' }],
    tools: [
      {
        type: 'function',
        function: {
          name: 'get_weather',
          description: 'The weather of a city',
          parameters: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] },
        },
      },
    ],
  },
} satisfies Record<string, ChatRequest>;

const completion: ChatCompletion = {
  ...header,
  object: 'chat.completion',
  choices: [{ index: 0, message: { role: 'assistant', content: text, refusal: null }, logprobs: null, finish_reason: 'stop' }],
  usage: { prompt_tokens: 9, completion_tokens: 8, total_tokens: 17 },
};

const chunkOf = (
  delta: ChatCompletionChunk['choices'][number]['delta'],
  finish_reason: string | null = null,
): ChatCompletionChunk => ({
  ...header,
  object: 'chat.completion.chunk',
  choices: [{ index: 0, delta, logprobs: null, finish_reason }],
});
const chunks = [chunkOf({ role: 'assistant', content: '' }), chunkOf({ content: text }), chunkOf({}, 'stop')];
const frames = [...chunks.map((chunk) => JSON.stringify(chunk)), '[DONE]'].map((data) => `data: ${data}\n\n`);

export const createChatCompletion = {
  operationId: 'createChatCompletion',
  tag: 'openai',
  summary: 'Create a chat completion',
  description: [
    "Implements OpenAI's Chat Completions API. Prodigon passes unlisted fields to the provider unchanged, and null means absent.",
    "With `stream: true` the response is a stream of server-sent events. Prodigon passes on responses in OpenAI's format unchanged.",
  ].join('\n\n'),
  body: { 'application/json': { schema: chatRequestSchema, examples: requests } },
  responses: {
    200: {
      description: 'The completion, or its chunks with `stream: true`',
      headers: COMPLETION_HEADERS,
      content: {
        'application/json': { schema: chatCompletionSchema, examples: { completion } },
        'text/event-stream': { schema: z.string(), items: chatCompletionChunkSchema, examples: { chunks: frames.join('') } },
      },
    },
  },
  errors: MODEL_ERRORS,
} satisfies Operation;
