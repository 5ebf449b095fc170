import {
  type CreateTurn,
  createTurnSchema,
  type Generation,
  generationSchema,
  type TurnEventData,
  turnEventSchemas,
} from '@prodigon/contracts/conversations';
import { eventSchema, MODEL_ERRORS, type Operation, RATE_LIMIT_HEADERS, SERVICE_ERRORS } from '@prodigon/platform';
import { z } from 'zod';

const GENERATION_ID = '01989f3e-2a54-7c3b-9d0e-6f2b8a1c4d5e';
const CONVERSATION_ID = '01989f3e-2a54-7c3b-9d0e-6f2b8a1c4d5f';
const USER_MESSAGE_ID = '01989f3e-2a54-7c3b-9d0e-6f2b8a1c4d60';
const MESSAGE_ID = '01989f3e-2a54-7c3b-9d0e-6f2b8a1c4d61';
const START = '2026-03-01T09:30:00.000Z';

const start: TurnEventData<'start'> = {
  generation_id: GENERATION_ID,
  model: 'prodigon-tutor',
  request_id: 'r1',
  conversation: {
    id: CONVERSATION_ID,
    title: 'What is backpressure?',
    title_source: 'question',
    system_prompt: null,
    model: null,
    max_tokens: null,
    temperature: null,
    pinned: false,
    archived: false,
    tags: [],
    active_message_id: MESSAGE_ID,
    generating: true,
    shared: false,
    created_at: START,
    updated_at: START,
  },
  user_message_id: USER_MESSAGE_ID,
  message_id: MESSAGE_ID,
  is_continuation: false,
  message_position: 0,
  omitted_messages: 0,
};
const text = 'A slow reader slows its writer down.';
const events = [
  ['start', start, 0],
  ['token', text, text.length],
  ['usage', { prompt_tokens: 9, completion_tokens: 8, total_tokens: 17, estimated: false, cost_usd: 0 }, text.length + 1],
  [
    'done',
    { finish_reason: 'stop', ttft_ms: 1.2, latency_ms: 3.4, model: 'prodigon-tutor', provider: 'tutor', attempts: 1 },
    text.length + 2,
  ],
]
  .map(([event, data, position]) => `id: ${GENERATION_ID}:${position}\nevent: ${event}\ndata: ${JSON.stringify(data)}\n\n`)
  .join('');

const eventStream = {
  'text/event-stream': { schema: z.string(), items: eventSchema('TurnEvent', turnEventSchemas), examples: { events } },
};

const generation: Generation = {
  id: GENERATION_ID,
  conversation_id: CONVERSATION_ID,
  message_id: MESSAGE_ID,
  status: 'streaming',
  model: 'prodigon-tutor',
  started_at: START,
  completed_at: null,
};

export const createTurn = {
  operationId: 'createTurn',
  tag: 'conversations',
  summary: 'Ask in a conversation',
  description: [
    "Stores a question and streams the model's response as server-sent events: `start`, then `token`, `reasoning` and `tool_call`, then `usage` and `done`, or `error` if it fails.",
    'The server builds the history: the system prompt, then as many of the latest turns as fit into the context of the model.',
    'The response belongs to the server. It continues and is stored when the client disconnects. Resume it with `GET /api/v1/generations/{id}/stream`, or stop it with `POST /api/v1/generations/{id}/cancel`.',
    'A repetition with the same `Idempotency-Key` streams the same response from its beginning.',
  ].join('\n\n'),
  body: {
    'application/json': {
      schema: createTurnSchema,
      examples: {
        question: { content: 'What is backpressure?' },
        regenerate: { regenerate: MESSAGE_ID, model: 'prodigon-tutor' },
        continue: { continue: MESSAGE_ID },
      } satisfies Record<string, CreateTurn>,
    },
  },
  responses: {
    200: {
      description: 'The events of the response',
      headers: ['Idempotent-Replayed', 'X-Prodigon-Warning', ...RATE_LIMIT_HEADERS],
      content: eventStream,
    },
  },
  errors: ['CONVERSATION_NOT_FOUND', 'CONFLICT', 'FORBIDDEN', 'INSUFFICIENT_STORAGE', ...MODEL_ERRORS],
} satisfies Operation;

export const getGeneration = {
  operationId: 'getGeneration',
  tag: 'conversations',
  summary: 'Get the state of a response',
  description: 'Returns whether a response is still streaming, and the message that it belongs to.',
  responses: {
    200: {
      description: 'The response',
      content: { 'application/json': { schema: generationSchema, examples: { generation } } },
    },
  },
  errors: ['NOT_FOUND', 'NOT_RESUMABLE', ...SERVICE_ERRORS],
} satisfies Operation;

export const streamGeneration = {
  operationId: 'streamGeneration',
  tag: 'conversations',
  summary: 'Resume a response',
  description: [
    'Returns the events of a response after a position, or all of them. Any gateway serves it, and any number of clients may read it.',
    'The position is in the id of each event, after the colon. It counts the UTF-16 code units of the response. Send the id of the last event as `Last-Event-ID`, or its position as `after`.',
    'A response that has ended is served from the database.',
  ].join('\n\n'),
  headers: z.object({
    'last-event-id': z
      .string()
      .optional()
      .describe('The id of the last event that you received. It takes precedence over `after`'),
  }),
  responses: { 200: { description: 'The events of the response', content: eventStream } },
  errors: ['NOT_FOUND', 'NOT_RESUMABLE', 'RESPONSE_INTERRUPTED', ...SERVICE_ERRORS],
} satisfies Operation;

export const cancelGeneration = {
  operationId: 'cancelGeneration',
  tag: 'conversations',
  summary: 'Stop a response',
  description: 'Stops a response, and keeps its text. Does nothing when the response has ended.',
  responses: {
    200: {
      description: 'The response',
      content: {
        'application/json': {
          schema: generationSchema,
          examples: { stopped: { ...generation, status: 'stopped', completed_at: START } satisfies Generation },
        },
      },
    },
  },
  errors: ['NOT_FOUND', 'NOT_RESUMABLE', ...SERVICE_ERRORS],
} satisfies Operation;
