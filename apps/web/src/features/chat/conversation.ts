import type { AppError, ErrorCode, StreamEvent, StreamEventData } from '@prodigon/contracts';

/**
 * - queued: waits for the previous response
 * - connecting: the request was sent
 * - waiting: the gateway accepted it; no text yet
 * - streaming: text is arriving
 * - done: the stream ended with its `done` event
 * - stopped: the user stopped it
 * - interrupted: the stream ended without a `done` or `error` event
 * - failed: the gateway sent an error
 */
export type ResponseState = 'queued' | 'connecting' | 'waiting' | 'streaming' | 'done' | 'stopped' | 'interrupted' | 'failed';

export interface Failure {
  code: ErrorCode;
  message: string;
  retryable: boolean;
  retryAfterSeconds?: number;
}

/** A model's response to one question. */
export interface ChatResponse {
  state: ResponseState;
  text: string;
  reasoning: string;
  /** When the request was sent, in milliseconds since the epoch. */
  requestedAt: number | null;
  /** The model that responds, after any fallback. */
  model: string | null;
  /** Fallbacks to other models before the first token, in order. */
  fallbacks: readonly StreamEventData<'fallback'>[];
  /** The number of oldest turns that the request omitted, because they exceed the limits of the API. */
  omittedTurns: number;
  /** A warning about the request, for example that the model is retired. */
  warning: string | null;
  usage: StreamEventData<'usage'> | null;
  finish: StreamEventData<'done'> | null;
  failure: Failure | null;
}

/** A question and the response to it. */
export interface Turn {
  id: string;
  prompt: string;
  /** The requested model string; null for the default model. */
  model: string | null;
  response: ChatResponse;
  /** The responses that a retry or a regeneration replaced, the latest last. */
  earlierResponses: readonly ChatResponse[];
}

export type ResponseAction =
  | { type: 'requested'; at: number; omittedTurns?: number }
  | { type: 'warned'; warning: string }
  /** The text of one or more token events. */
  | { type: 'text'; text: string }
  | { type: 'reasoning'; text: string }
  | { type: 'event'; event: Exclude<StreamEvent, { event: 'token' | 'reasoning' }> }
  /** The stream ended. A response that is still running becomes interrupted. */
  | { type: 'ended' }
  | { type: 'failed'; error: AppError }
  | { type: 'stopped' };

export const queuedResponse: ChatResponse = {
  state: 'queued',
  text: '',
  reasoning: '',
  requestedAt: null,
  model: null,
  fallbacks: [],
  omittedTurns: 0,
  warning: null,
  usage: null,
  finish: null,
  failure: null,
};

/** Creates a turn that waits for the previous response. */
export function createTurn(id: string, prompt: string, model: string | null): Turn {
  return { id, prompt, model, response: queuedResponse, earlierResponses: [] };
}

/** Whether a response has anything to show. */
function hasContent({ text, reasoning }: ChatResponse): boolean {
  return text.trim() !== '' || reasoning !== '';
}

/** The response that a turn shows: the latest one, or until that has content, the one that it replaces. */
export function shownResponse({ response, earlierResponses }: Pick<Turn, 'response' | 'earlierResponses'>): ChatResponse {
  return hasContent(response) ? response : (earlierResponses.at(-1) ?? response);
}

/** Prepares a turn for another response. A response with content stays, so that no text is lost. */
export function replaceResponse(turn: Turn, model: string | null): Turn {
  const { response, earlierResponses } = turn;
  return { ...turn, model, earlierResponses: hasContent(response) ? [...earlierResponses, response] : earlierResponses };
}

/** Shows the latest earlier response again. The replaced response becomes the first of the earlier ones. */
export function undoReplacement(turn: Turn): Turn {
  const { response, earlierResponses } = turn;
  const latest = earlierResponses.at(-1);
  if (!latest || isRunning(response)) return turn;
  const others = earlierResponses.slice(0, -1);
  return { ...turn, response: latest, earlierResponses: hasContent(response) ? [response, ...others] : others };
}

const RUNNING: readonly ResponseState[] = ['connecting', 'waiting', 'streaming'];

export function isRunning({ state }: ChatResponse): boolean {
  return RUNNING.includes(state);
}

/** Returns the next state of a response. Failed, stopped and interrupted responses keep their text. */
export function reduceResponse(response: ChatResponse, action: ResponseAction): ChatResponse {
  if (action.type === 'requested') {
    const { at, omittedTurns = 0 } = action;
    return { ...queuedResponse, state: 'connecting', requestedAt: at, omittedTurns };
  }
  if (action.type === 'event' && action.event.event === 'usage') return { ...response, usage: action.event.data };
  if (!isRunning(response)) return response;
  switch (action.type) {
    case 'warned':
      return { ...response, warning: action.warning };
    case 'text':
      return { ...response, state: 'streaming', text: response.text + action.text };
    case 'reasoning':
      return { ...response, state: 'streaming', reasoning: response.reasoning + action.text };
    case 'stopped':
      return { ...response, state: 'stopped' };
    case 'ended':
      return { ...response, state: 'interrupted' };
    case 'failed': {
      const { code, message, retryable, retryAfterSeconds } = action.error;
      return fail(response, { code, message, retryable }, retryAfterSeconds);
    }
    case 'event':
      return reduceEvent(response, action.event);
  }
}

function fail(response: ChatResponse, failure: Failure, retryAfterSeconds: number | undefined): ChatResponse {
  return { ...response, state: 'failed', failure: { ...failure, ...(retryAfterSeconds !== undefined && { retryAfterSeconds }) } };
}

function reduceEvent(response: ChatResponse, { event, data }: Extract<ResponseAction, { type: 'event' }>['event']): ChatResponse {
  switch (event) {
    case 'start':
      return { ...response, state: 'waiting', model: data.model };
    case 'fallback':
      return { ...response, model: data.to, fallbacks: [...response.fallbacks, data] };
    case 'error': {
      const { retry_after_seconds, ...failure } = data;
      return fail(response, failure, retry_after_seconds);
    }
    case 'done':
      return { ...response, state: 'done', model: data.model, finish: data };
    default:
      return response;
  }
}
