import type { AppError, ErrorCode, StreamEventData } from '@prodigon/contracts';
import type { ConversationMessage, MessagePart, TurnEvent } from '@prodigon/contracts/conversations';

/**
 * - connecting: the request was sent
 * - waiting: the gateway accepted it; no text yet
 * - streaming: text is arriving
 * - done: the response is complete
 * - stopped: the user stopped it
 * - interrupted: the process that received it ended, or the response did
 * - failed: the gateway sent an error
 */
export type ResponseState = 'connecting' | 'waiting' | 'streaming' | 'done' | 'stopped' | 'interrupted' | 'failed';

export interface Failure {
  code: ErrorCode;
  message: string;
  retryable: boolean;
  retryAfterSeconds?: number;
}

export type ToolPart = Extract<MessagePart, { type: 'tool_call' | 'tool_result' }>;

/** What the server does not store with a message. */
export interface RequestNotices {
  /** Fallbacks to other models before the first token, in order. */
  fallbacks: readonly StreamEventData<'fallback'>[];
  /** The number of oldest messages that the request left out, because the context of the model is too small for them. */
  omittedMessages: number;
  /** A warning about the request, for example that its model is retired. */
  warning: string | null;
  /** The number of provider calls; null if it is unknown. */
  attempts: number | null;
}

/** A model's response as the transcript shows it. */
export interface ChatResponse extends RequestNotices {
  state: ResponseState;
  text: string;
  reasoning: string;
  tools: readonly ToolPart[];
  /** When the request was sent, in milliseconds since the epoch. */
  requestedAt: number;
  /** The model that responds, after any fallback. */
  model: string | null;
  usage: Pick<StreamEventData<'usage'>, 'prompt_tokens' | 'completion_tokens' | 'estimated' | 'cost_usd'> | null;
  finishReason: string | null;
  ttftMs: number | null;
  latencyMs: number | null;
  failure: Failure | null;
}

export const NO_NOTICES: RequestNotices = { fallbacks: [], omittedMessages: 0, warning: null, attempts: null };

/** The response before anything has arrived. */
export function newResponse(requestedAt: number): ChatResponse {
  return {
    ...NO_NOTICES,
    state: 'connecting',
    text: '',
    reasoning: '',
    tools: [],
    requestedAt,
    model: null,
    usage: null,
    finishReason: null,
    ttftMs: null,
    latencyMs: null,
    failure: null,
  };
}

/** Returns what a response shows of the parts of a message. */
export function partsContent(parts: readonly MessagePart[]): Pick<ChatResponse, 'text' | 'reasoning' | 'tools'> {
  const textOf = (type: 'text' | 'reasoning') => parts.flatMap((part) => (part.type === type ? [part.text] : [])).join('');
  return {
    text: textOf('text'),
    reasoning: textOf('reasoning'),
    tools: parts.filter((part) => part.type === 'tool_call' || part.type === 'tool_result'),
  };
}

/** Returns a stored message as a response. */
export function storedResponse(message: ConversationMessage, notices: RequestNotices = NO_NOTICES): ChatResponse {
  const { status, usage, estimated, cost_usd, error } = message;
  // A response that the model has not completed is interrupted for the server. For the reader, the model has failed.
  const hasFailed = status === 'interrupted' && error !== null && error.code !== 'RESPONSE_INTERRUPTED';
  return {
    ...notices,
    state: hasFailed ? 'failed' : status,
    ...partsContent(message.parts),
    requestedAt: Date.parse(message.created_at),
    model: message.model,
    usage: usage && { ...usage, estimated, cost_usd },
    finishReason: message.finish_reason,
    ttftMs: message.ttft_ms,
    latencyMs: message.latency_ms,
    failure: error,
  };
}

export type ResponseAction =
  /** The text of one or more token events. */
  | { type: 'text'; text: string }
  | { type: 'reasoning'; text: string }
  | { type: 'event'; event: Exclude<TurnEvent, { event: 'token' | 'reasoning' }> }
  | { type: 'failed'; error: AppError }
  | { type: 'interrupted' }
  | { type: 'stopped' };

export function isRunning({ state }: Pick<ChatResponse, 'state'>): boolean {
  return state === 'connecting' || state === 'waiting' || state === 'streaming';
}

export function hasContent({ text, reasoning }: Pick<ChatResponse, 'text' | 'reasoning'>): boolean {
  return text.trim() !== '' || reasoning !== '';
}

/** The reason with which a response ends that the user has stopped, in any tab. */
const STOPPED = 'stopped';

/** Returns the next state of a response. Failed, stopped and interrupted responses keep their text. */
export function reduceResponse(response: ChatResponse, action: ResponseAction): ChatResponse {
  if (action.type === 'event' && action.event.event === 'usage') return { ...response, usage: action.event.data };
  if (!isRunning(response)) return response;
  switch (action.type) {
    case 'text':
      return { ...response, state: 'streaming', text: response.text + action.text };
    case 'reasoning':
      return { ...response, state: 'streaming', reasoning: response.reasoning + action.text };
    case 'stopped':
    case 'interrupted':
      return { ...response, state: action.type };
    case 'failed': {
      const { code, message, retryable, retryAfterSeconds } = action.error;
      return fail(response, { code, message, retryable }, retryAfterSeconds);
    }
    case 'event':
      return reduceEvent(response, action.event);
  }
}

function fail(response: ChatResponse, failure: Failure, retryAfterSeconds: number | undefined): ChatResponse {
  const state = failure.code === 'RESPONSE_INTERRUPTED' ? 'interrupted' : 'failed';
  return { ...response, state, failure: { ...failure, ...(retryAfterSeconds !== undefined && { retryAfterSeconds }) } };
}

function reduceEvent(response: ChatResponse, { event, data }: Extract<ResponseAction, { type: 'event' }>['event']): ChatResponse {
  switch (event) {
    case 'start':
      return {
        ...response,
        state: response.state === 'streaming' ? 'streaming' : 'waiting',
        model: data.model,
        omittedMessages: data.omitted_messages ?? response.omittedMessages,
      };
    case 'fallback':
      return { ...response, model: data.to, fallbacks: [...response.fallbacks, data] };
    case 'error': {
      const { retry_after_seconds, ...failure } = data;
      return fail(response, failure, retry_after_seconds);
    }
    case 'done':
      return {
        ...response,
        state: data.finish_reason === STOPPED ? 'stopped' : 'done',
        model: data.model,
        finishReason: data.finish_reason,
        ttftMs: data.ttft_ms,
        latencyMs: data.latency_ms,
        attempts: data.attempts,
      };
    default:
      return response;
  }
}
