import type { Conversation, ConversationDetail, ConversationMessage, TurnEventData } from '@prodigon/contracts/conversations';
import type { LiveTurn } from './live-turn.ts';

/** What the page knows of a conversation: the end of its active path, oldest first. */
export interface ConversationView {
  readonly conversation: Conversation;
  readonly messages: readonly ConversationMessage[];
  /** Whether earlier messages have not been loaded. */
  readonly hasEarlier: boolean;
}

/** Replaces the end of the path with newly loaded messages. Earlier ones stay while the new ones follow them. */
export function mergeLatest(
  before: ConversationView | undefined,
  { messages, has_earlier, ...conversation }: ConversationDetail,
): ConversationView {
  const parentId = messages[0]?.parent_id ?? null;
  const end = before?.messages.findIndex(({ id }) => id === parentId) ?? -1;
  if (!before || !has_earlier || end === -1) return { conversation, messages, hasEarlier: has_earlier };
  return { conversation, messages: [...before.messages.slice(0, end + 1), ...messages], hasEarlier: before.hasEarlier };
}

/** Prepends a page of earlier messages. A page that does not lead to the first known message is ignored. */
export function mergeEarlier(view: ConversationView, { messages, has_earlier }: ConversationDetail): ConversationView {
  const isAdjacent = messages.length === 0 || messages.at(-1)?.id === view.messages[0]?.parent_id;
  if (!isAdjacent) return view;
  return { ...view, messages: [...messages, ...view.messages], hasEarlier: has_earlier };
}

/** Returns the index of the last message before the response of a turn; -1 if there is none. */
function indexOfParent(
  messages: readonly ConversationMessage[],
  { content, parent_id, regenerate }: LiveTurn['request'],
): number {
  if (content !== undefined) {
    if (parent_id === undefined) return messages.length - 1;
    return messages.findIndex(({ id }) => id === parent_id);
  }
  const index = messages.findIndex(({ id }) => id === regenerate);
  if (index === -1) return messages.length - 1;
  return messages[index]?.role === 'user' ? index : index - 1;
}

/** The messages that stay in view while a turn that has not started is sent. */
export function messagesBefore(
  messages: readonly ConversationMessage[],
  request: LiveTurn['request'],
): readonly ConversationMessage[] {
  return request.continue === undefined ? messages.slice(0, indexOfParent(messages, request) + 1) : messages;
}

/** What the gateway knows of a message and the page does not. */
const UNKNOWN = {
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
  completed_at: null,
} satisfies Partial<ConversationMessage>;

/** Returns the view after a turn has started: with its question, and with its response, which streams. */
export function applyStart(
  view: ConversationView,
  { request, attachments }: LiveTurn,
  start: TurnEventData<'start'>,
): ConversationView {
  const { conversation, generation_id, message_id, user_message_id, request_id } = start;
  const isStreaming = { status: 'streaming', generation_id, request_id } as const;
  if (view.messages.some(({ id }) => id === message_id)) {
    const messages = view.messages.map((message) => (message.id === message_id ? { ...message, ...isStreaming } : message));
    return { ...view, conversation, messages };
  }
  const kept = messagesBefore(view.messages, request);
  const base = { ...UNKNOWN, created_at: new Date().toISOString() };
  const siblingsOf = (role: string) => {
    const replaced = view.messages[kept.length];
    return replaced?.role === role ? replaced.sibling_ids : [];
  };
  const messages: ConversationMessage[] = [...kept];
  if (request.content !== undefined && user_message_id !== null && kept.at(-1)?.id !== user_message_id) {
    messages.push({
      ...base,
      id: user_message_id,
      parent_id: kept.at(-1)?.id ?? null,
      role: 'user',
      status: 'done',
      content: request.content,
      parts: [
        { type: 'text', text: request.content },
        ...attachments.map(({ id, name, media_type, bytes }) => ({
          ...({ type: 'attachment', attachment_id: id, name, media_type, bytes } as const),
        })),
      ],
      sibling_ids: [...siblingsOf('user'), user_message_id],
    });
  }
  messages.push({
    ...base,
    ...isStreaming,
    id: message_id,
    parent_id: messages.at(-1)?.id ?? null,
    role: 'assistant',
    content: '',
    parts: [],
    model: start.model,
    sibling_ids: [...(request.regenerate === undefined ? [] : siblingsOf('assistant')), message_id],
  });
  return { ...view, conversation, messages };
}
