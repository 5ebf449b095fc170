import type { Conversation, ConversationMessage } from '@prodigon/contracts/conversations';

const START = '2026-03-01T09:30:00.000Z';
const QUESTION_ID = '01989f3e-2a54-7c3b-9d0e-6f2b8a1c4d60';
const RESPONSE_ID = '01989f3e-2a54-7c3b-9d0e-6f2b8a1c4d61';

/** Objects for the examples of the OpenAPI document. */
export const exampleConversation: Conversation = {
  id: '01989f3e-2a54-7c3b-9d0e-6f2b8a1c4d5f',
  title: 'What is backpressure?',
  title_source: 'question',
  system_prompt: 'Answer briefly.',
  model: 'prodigon-tutor',
  max_tokens: null,
  temperature: null,
  pinned: false,
  archived: false,
  tags: ['streams'],
  active_message_id: RESPONSE_ID,
  generating: false,
  shared: false,
  created_at: START,
  updated_at: START,
};

export const exampleQuestion: ConversationMessage = {
  id: QUESTION_ID,
  parent_id: null,
  role: 'user',
  content: 'What is backpressure?',
  parts: [{ type: 'text', text: 'What is backpressure?' }],
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
  sibling_ids: [QUESTION_ID],
  created_at: START,
  completed_at: START,
};

export const exampleResponse: ConversationMessage = {
  ...exampleQuestion,
  id: RESPONSE_ID,
  parent_id: QUESTION_ID,
  role: 'assistant',
  content: 'A slow reader slows its writer down.',
  parts: [{ type: 'text', text: 'A slow reader slows its writer down.' }],
  model: 'prodigon-tutor',
  provider: 'tutor',
  usage: { prompt_tokens: 9, completion_tokens: 8, total_tokens: 17 },
  cost_usd: 0,
  finish_reason: 'stop',
  ttft_ms: 1.2,
  latency_ms: 3.4,
  generation_id: '01989f3e-2a54-7c3b-9d0e-6f2b8a1c4d5e',
  request_id: 'r1',
  sibling_ids: [RESPONSE_ID],
};
