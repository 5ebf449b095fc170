import { CHARACTERS_PER_TOKEN, type ChatMessage, type ChatRequest, messageText } from '@prodigon/contracts';
import type { Conversation, CreateTurn, MessagePart } from '@prodigon/contracts/conversations';
import type { StartedGeneration } from '@prodigon/ports';

/** A model as a turn needs it. */
export interface TurnModel {
  /** Without parameters. */
  readonly id: string;
  /** With the parameters of offline models. */
  readonly model: string;
  readonly isOffline: boolean;
  readonly contextTokens: number | null;
  readonly outputTokensMax: number | null;
  readonly warning: string | null;
}

export type AttachmentPart = Extract<MessagePart, { type: 'attachment' }>;
export type ContentPart = Extract<NonNullable<ChatMessage['content']>, readonly unknown[]>[number];

/**
 * Returns what the model receives of attachments, e.g. their text. `charactersMax` is the space that the model has for all
 * of them.
 */
export type ReadAttachments = (
  attachments: readonly AttachmentPart[],
  options: { readonly ownerId: string; readonly isOffline: boolean; readonly charactersMax: number },
) => Promise<ContentPart[]>;

export interface TurnRequestOptions {
  readonly ownerId: string;
  readonly turn: CreateTurn;
  readonly started: Pick<StartedGeneration, 'conversation' | 'history' | 'olderMessages' | 'isContinuation'>;
  readonly model: TurnModel;
  readonly readAttachments: ReadAttachments;
}

/** The request to the model, and the number of oldest messages that it leaves out. */
export interface TurnRequest {
  readonly chat: ChatRequest;
  readonly omittedMessages: number;
}

type HistoryMessage = StartedGeneration['history'][number];

const CONTINUE = 'Continue exactly where your last message ends. Do not repeat any of it, and write nothing before it.';
/** Reserved for the output of a model whose maximum is unknown. */
const OUTPUT_TOKENS_DEFAULT = 4_096;
/** What an image costs in the context, about the price of the largest ones. */
const IMAGE_CHARACTERS = 1_500 * CHARACTERS_PER_TOKEN;
/** Messages of one request, below the limit of the model service. */
const MESSAGES_MAX = 4_000;

/**
 * Builds the request of a turn: the system prompt, then as many whole turns from the end as fit into the context of the
 * model beside its output, by an estimate. The latest question is always included. Reasoning is not sent.
 */
export async function createTurnRequest(options: TurnRequestOptions): Promise<TurnRequest> {
  const { ownerId, turn, started, model, readAttachments } = options;
  const { conversation, isContinuation, olderMessages } = started;
  const { max_tokens = conversation.max_tokens, temperature = conversation.temperature } = turn;
  const system = conversation.system_prompt === null ? [] : [toMessage('system', conversation.system_prompt)];
  const closing = isContinuation ? [toMessage('user', CONTINUE)] : [];
  let left = contextCharacters(model, max_tokens) - lengthOf([...system, ...closing]);

  const turns = splitTurns(started.history);
  const included: ChatMessage[][] = [];
  let omittedMessages = olderMessages;
  for (let index = turns.length - 1; index >= 0; index -= 1) {
    const messages = turns[index] as HistoryMessage[];
    const isLatest = index === turns.length - 1;
    if (!isLatest && !isAnswered(messages)) continue;
    const content = await Promise.all(
      messages.map((message) =>
        toChatMessage(message, { ownerId, readAttachments, isOffline: model.isOffline, charactersMax: left }),
      ),
    );
    const chat = content.filter((message) => message !== undefined);
    left -= lengthOf(chat);
    if (!isLatest && (left < 0 || included.flat().length + chat.length > MESSAGES_MAX)) {
      omittedMessages += turns.slice(0, index + 1).flat().length;
      break;
    }
    included.unshift(chat);
  }
  return {
    chat: {
      model: model.model,
      messages: [...system, ...included.flat(), ...closing],
      ...(max_tokens !== null && { max_tokens }),
      ...(temperature !== null && { temperature }),
    },
    omittedMessages,
  };
}

/** Returns the characters that the request may have. */
function contextCharacters({ contextTokens, outputTokensMax }: TurnModel, maxTokens: Conversation['max_tokens']): number {
  if (contextTokens === null) return Number.POSITIVE_INFINITY;
  const output = Math.min(maxTokens ?? outputTokensMax ?? OUTPUT_TOKENS_DEFAULT, outputTokensMax ?? Number.POSITIVE_INFINITY);
  // Some models may use their whole context for the output.
  return (contextTokens - Math.min(output, contextTokens / 2)) * CHARACTERS_PER_TOKEN;
}

/** Splits messages into turns, each of which begins with a question. */
function splitTurns(history: readonly HistoryMessage[]): HistoryMessage[][] {
  const turns: HistoryMessage[][] = [];
  for (const message of history) {
    const current = turns.at(-1);
    if (!current || (message.role === 'user' && current.at(-1)?.role !== 'system')) turns.push([message]);
    else current.push(message);
  }
  return turns;
}

/** A question whose response failed without any text is left out with it. */
function isAnswered(messages: readonly HistoryMessage[]): boolean {
  const responses = messages.filter(({ role }) => role === 'assistant');
  return responses.length === 0 || responses.some(({ parts }) => textOf(parts).trim() !== '');
}

interface ContentOptions {
  readonly ownerId: string;
  readonly readAttachments: ReadAttachments;
  readonly isOffline: boolean;
  readonly charactersMax: number;
}

/** Returns undefined for a message that has no content for the model. */
async function toChatMessage(
  { role, parts }: HistoryMessage,
  { readAttachments, charactersMax, ...options }: ContentOptions,
): Promise<ChatMessage | undefined> {
  const text = textOf(parts);
  const attachments = parts.filter((part) => part.type === 'attachment');
  if (role === 'tool') return undefined;
  if (role !== 'user' || attachments.length === 0) return text.trim() === '' ? undefined : toMessage(role, text);
  const space = Math.max(0, charactersMax - text.length);
  const content = await readAttachments(attachments, { ...options, charactersMax: space });
  return { role, content: [...content, ...(text === '' ? [] : [{ type: 'text', text }])] };
}

const toMessage = (role: 'system' | 'user' | 'assistant', content: string): ChatMessage => ({ role, content });

/** Returns the text of a message, without its other parts. */
export function textOf(parts: readonly MessagePart[]): string {
  return parts.map((part) => (part.type === 'text' ? part.text : '')).join('');
}

function lengthOf(messages: readonly ChatMessage[]): number {
  return messages.reduce((sum, message) => sum + messageText(message).length + imagesOf(message) * IMAGE_CHARACTERS, 0);
}

function imagesOf({ content }: ChatMessage): number {
  return Array.isArray(content) ? content.filter(({ type }) => type === 'image_url').length : 0;
}
