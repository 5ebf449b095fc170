import type { Conversation, ConversationMessage, TurnEvent } from '@prodigon/contracts/conversations';

export const CONVERSATION_ID = '0199a8f0-0000-7000-8000-00000000000a';
export const MESSAGE_ID = '0199a8f0-0000-7000-8000-00000000000b';
export const GENERATION_ID = '0199a8f0-0000-7000-8000-00000000000c';

export const createConversationFixture = (values: Partial<Conversation> = {}): Conversation => ({
  id: CONVERSATION_ID,
  title: 'Circuit breakers',
  title_source: 'question',
  system_prompt: null,
  model: null,
  max_tokens: null,
  temperature: null,
  pinned: false,
  archived: false,
  tags: [],
  active_message_id: null,
  generating: false,
  shared: false,
  created_at: '2026-01-01T00:00:00.000Z',
  updated_at: '2026-01-01T00:00:00.000Z',
  ...values,
});

export const createMessageFixture = (values: Partial<ConversationMessage> = {}): ConversationMessage => ({
  id: MESSAGE_ID,
  parent_id: null,
  role: 'user',
  content: 'Why?',
  parts: [{ type: 'text', text: 'Why?' }],
  status: 'done',
  model: null,
  provider: null,
  usage: null,
  estimated: false,
  cost_usd: null,
  finish_reason: null,
  ttft_ms: null,
  latency_ms: null,
  error: null,
  generation_id: null,
  request_id: null,
  meta: null,
  sibling_ids: [MESSAGE_ID],
  created_at: '2026-01-01T00:00:00.000Z',
  completed_at: null,
  ...values,
});

const usage = { prompt_tokens: 1, completion_tokens: 2, total_tokens: 3, estimated: false, cost_usd: null };
const done = { finish_reason: 'stop', ttft_ms: 1, latency_ms: 2, model: 'a', provider: 'b', attempts: 1 };

/** The events of a response of these tokens, as the gateway sends them. */
export function createTurnEvents(...tokens: string[]): TurnEvent[] {
  let position = 0;
  const idAt = (value: number) => `${GENERATION_ID}:${value}`;
  return [
    {
      event: 'start',
      id: idAt(0),
      data: {
        generation_id: GENERATION_ID,
        model: 'a',
        request_id: 'r',
        conversation: createConversationFixture(),
        user_message_id: MESSAGE_ID,
        message_id: MESSAGE_ID,
        is_continuation: false,
        message_position: 0,
        omitted_messages: 0,
      },
    },
    ...tokens.map((data): TurnEvent => {
      position += data.length;
      return { event: 'token', data, id: idAt(position) };
    }),
    { event: 'usage', data: usage, id: idAt(position + 1) },
    { event: 'done', data: done, id: idAt(position + 2) },
  ];
}

export const toFrames = (events: readonly TurnEvent[]): string =>
  events.map(({ event, data, id }) => `event: ${event}\n${id ? `id: ${id}\n` : ''}data: ${JSON.stringify(data)}\n\n`).join('');
