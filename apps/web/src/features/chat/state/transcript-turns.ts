import type { ConversationMessage } from '@prodigon/contracts/conversations';
import { type ChatResponse, hasContent, isRunning, NO_NOTICES, type RequestNotices, storedResponse } from './chat-response.ts';
import { messagesBefore } from './conversation-view.ts';
import type { AttachmentLabel, LiveTurn } from './live-turn.ts';

export interface TranscriptQuestion {
  /** The stored question; null until the turn has started. */
  readonly message: ConversationMessage | null;
  readonly content: string;
  readonly attachments: readonly (Omit<AttachmentLabel, 'id' | 'kind' | 'bytes'> & { id: string | null; bytes: number | null })[];
}

export interface TranscriptResponse {
  /** The stored response; null until the turn has started. */
  readonly message: ConversationMessage | null;
  readonly response: ChatResponse;
  /** The response whose text is in view: the one before, until the new one has text. */
  readonly shown: ChatResponse;
  readonly isReconnecting: boolean;
}

/** A question and its response, or a message that belongs to no question. */
export interface TranscriptTurn {
  readonly id: string;
  readonly question: TranscriptQuestion | null;
  readonly responses: readonly TranscriptResponse[];
  /** A system message in the conversation, from an import. */
  readonly system: ConversationMessage | null;
}

export type NoticesById = Readonly<Record<string, RequestNotices>>;

/** Returns the turns of the active path, with the live turn of this tab. */
export function transcriptTurns(
  messages: readonly ConversationMessage[],
  live: LiveTurn | undefined,
  notices: NoticesById = {},
): TranscriptTurn[] {
  const isPending = live !== undefined && live.messageId === null;
  const path = isPending ? messagesBefore(messages, live.request) : messages;
  const continuedId = isPending ? live.request.continue : undefined;
  const turns: {
    id: string;
    question: TranscriptQuestion | null;
    responses: TranscriptResponse[];
    system: ConversationMessage | null;
  }[] = [];
  const add = (id: string) => {
    const turn: (typeof turns)[number] = { id, question: null, responses: [], system: null };
    turns.push(turn);
    return turn;
  };
  for (const message of path) {
    if (message.role === 'user') add(message.id).question = questionOf(message);
    else if (message.role === 'system') add(message.id).system = message;
    else {
      const last = turns.at(-1);
      const turn = last && last.system === null ? last : add(message.id);
      turn.responses.push(
        responseOf(message, message.id === continuedId || message.id === live?.messageId ? live : undefined, notices),
      );
    }
  }
  if (isPending && continuedId === undefined) {
    const { key, request, attachments, response, replaced, isReconnecting } = live;
    const turn = request.content === undefined ? (turns.at(-1) ?? add(key)) : add(key);
    if (request.content !== undefined) turn.question = { message: null, content: request.content, attachments };
    turn.responses = [{ message: null, response, shown: shownOf(response, replaced), isReconnecting }];
  }
  return turns;
}

function questionOf(message: ConversationMessage): TranscriptQuestion {
  const attachments = message.parts.flatMap((part) =>
    part.type === 'attachment'
      ? [{ id: part.attachment_id, name: part.name, media_type: part.media_type, bytes: part.bytes }]
      : [],
  );
  return { message, content: message.content, attachments };
}

/** The stored message, or the live response while it knows more. */
function responseOf(message: ConversationMessage, live: LiveTurn | undefined, notices: NoticesById): TranscriptResponse {
  const stored = storedResponse(message, notices[message.id] ?? NO_NOTICES);
  const isStoredOnly = !live || (message.status !== 'streaming' && !isRunning(live.response));
  if (isStoredOnly) {
    const retryAfterSeconds = live?.response.failure?.retryAfterSeconds;
    const response =
      stored.failure && retryAfterSeconds !== undefined
        ? { ...stored, failure: { ...stored.failure, retryAfterSeconds } }
        : stored;
    return { message, response, shown: live ? shownOf(response, live.replaced) : response, isReconnecting: false };
  }
  const { response, replaced, isReconnecting } = live;
  // Until the events of a resumed response arrive, the stored text stays in view.
  const isBehind =
    isRunning(response) && response.text.length < stored.text.length && response.reasoning.length <= stored.reasoning.length;
  const current = isBehind ? { ...response, text: stored.text, reasoning: stored.reasoning, tools: stored.tools } : response;
  return { message, response: current, shown: shownOf(current, replaced), isReconnecting };
}

const shownOf = (response: ChatResponse, replaced: ChatResponse | null) =>
  hasContent(response) || replaced === null ? response : replaced;
