import type { Conversation, ConversationMessage } from '@prodigon/contracts/conversations';
import { newResponse } from './chat-response.ts';
import type { LiveTurn } from './live-turn.ts';

const TIME = '2026-01-01T00:00:00.000Z';

export function createConversation(changes: Partial<Conversation> = {}): Conversation {
  return {
    ...{ id: 'c', title: 'A title', title_source: 'question', system_prompt: null, model: null, max_tokens: null },
    ...{ temperature: null, pinned: false, archived: false, tags: [], active_message_id: null, generating: false },
    ...{ shared: false, created_at: TIME, updated_at: TIME },
    ...changes,
  } as Conversation;
}

export function createMessage(id: string, changes: Partial<ConversationMessage> = {}): ConversationMessage {
  const content = changes.content ?? `Text of ${id}`;
  return {
    ...{ id, parent_id: null, role: id.startsWith('q') ? 'user' : 'assistant', content, status: 'done' },
    ...{ parts: [{ type: 'text', text: content }], model: null, provider: null, usage: null, estimated: false },
    ...{ cost_usd: null, finish_reason: null, ttft_ms: null, latency_ms: null, error: null, generation_id: null },
    ...{ request_id: null, meta: null, sibling_ids: [id], created_at: TIME, completed_at: TIME },
    ...changes,
  } as ConversationMessage;
}

/** A path of messages, each the parent of the next one. Ids that begin with `q` are questions. */
export function chainOf(...ids: string[]): ConversationMessage[] {
  return ids.map((id, index) => createMessage(id, { parent_id: ids[index - 1] ?? null }));
}

export function createLiveTurn(changes: Partial<LiveTurn> = {}): LiveTurn {
  return {
    ...{ key: 'key', request: {}, attachments: [], generationId: null, messageId: null, userMessageId: null },
    ...{ replaced: null, response: newResponse(0), isReconnecting: false },
    ...changes,
  };
}

/** A `Storage` in memory. */
export function createStorage(entries: Record<string, string> = {}) {
  const values = new Map(Object.entries(entries));
  return {
    values,
    getItem: (key: string) => values.get(key) ?? null,
    setItem: (key: string, value: string) => void values.set(key, value),
    removeItem: (key: string) => void values.delete(key),
  };
}
