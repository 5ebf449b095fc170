import { COMPLETION_HEADERS, MODEL_ERRORS, type Operation } from '@prodigon/platform';
import { z } from 'zod';
import { responseEventSchema, responseSchema } from './response-schemas.ts';
import { type ResponsesRequest, responsesRequestSchema } from './responses-request.ts';

const text = 'A slow reader slows its writer down.';
const started = {
  id: 'resp_01989f3e',
  object: 'response',
  created_at: 1_772_357_400,
  completed_at: null,
  status: 'in_progress',
  error: null,
  incomplete_details: null,
  model: 'prodigon-tutor',
  output: [],
  instructions: null,
  max_output_tokens: null,
  metadata: {},
  parallel_tool_calls: true,
  temperature: null,
  top_p: null,
  tools: [],
} satisfies z.infer<typeof responseSchema>;

const item = {
  id: 'msg_01989f3e_0',
  type: 'message',
  role: 'assistant',
  status: 'completed',
  content: [{ type: 'output_text', text, annotations: [] }],
};

const completed = {
  ...started,
  status: 'completed',
  completed_at: 1_772_357_401,
  output: [item],
  usage: {
    input_tokens: 9,
    input_tokens_details: { cached_tokens: 0 },
    output_tokens: 8,
    output_tokens_details: { reasoning_tokens: 0 },
    total_tokens: 17,
  },
} satisfies z.infer<typeof responseSchema>;

const at = { item_id: item.id, output_index: 0, content_index: 0 };
const events: Omit<z.infer<typeof responseEventSchema>, 'sequence_number'>[] = [
  { type: 'response.created', response: started },
  { type: 'response.output_text.delta', ...at, delta: text },
  { type: 'response.completed', response: completed },
];
const frames = events.map(
  (event, sequence_number) => `event: ${event.type}\ndata: ${JSON.stringify({ ...event, sequence_number })}\n\n`,
);

const requests = {
  text: { model: 'prodigon-tutor', input: 'What is backpressure?' },
  stream: {
    input: [
      { type: 'message', role: 'user', content: 'What is backpressure?' },
      { type: 'message', role: 'assistant', content: text },
      { type: 'message', role: 'user', content: 'And in one sentence?' },
    ],
    instructions: 'Answer briefly.',
    stream: true,
  },
} satisfies Record<string, ResponsesRequest>;

export const createResponseOperation = {
  operationId: 'createResponse',
  tag: 'openai',
  summary: 'Create a response',
  description: [
    "Implements OpenAI's Responses API for every model: text, images, files, audio, tools, structured output, reasoning, refusals, citations and log probabilities.",
    'Responses are not stored. Send the whole conversation as `input` with each request.',
    'Functions, custom tools, namespaces and the shell and patch tools work with every model that calls functions. Prodigon ignores hosted tools such as `web_search`, which run at OpenAI, and lists them in the header `X-Prodigon-Ignored-Tools`.',
    'With `stream: true` the response is a stream of server-sent events, numbered by `sequence_number`. It ends with `response.completed`, `response.incomplete` or `response.failed`.',
  ].join('\n\n'),
  body: { 'application/json': { schema: responsesRequestSchema, examples: requests } },
  responses: {
    200: {
      description: 'The response, or its events with `stream: true`',
      headers: [...COMPLETION_HEADERS, 'X-Prodigon-Ignored-Tools'],
      content: {
        'application/json': { schema: responseSchema, examples: { response: completed } },
        'text/event-stream': { schema: z.string(), items: responseEventSchema, examples: { events: frames.join('') } },
      },
    },
  },
  errors: MODEL_ERRORS,
} satisfies Operation;
