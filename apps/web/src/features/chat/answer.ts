import type { AppError, ErrorCode, StreamEvent, StreamEventData } from '@prodigon/contracts';

/**
 * queued: waits for the answer before it. connecting: the request is on its way. waiting: accepted,
 * no word yet. stopped: by the reader. interrupted: the stream ended without saying how. failed: the
 * gateway said why.
 */
export type AnswerState = 'queued' | 'connecting' | 'waiting' | 'streaming' | 'done' | 'stopped' | 'interrupted' | 'failed';

export interface Failure {
  code: ErrorCode;
  message: string;
  retryable: boolean;
  retryAfterSeconds?: number;
}

export interface Answer {
  state: AnswerState;
  text: string;
  reasoning: string;
  /** When it was asked for, in milliseconds since the epoch. */
  requestedAt: number | null;
  /** Who answers, after any fallback. */
  model: string | null;
  /** The models that gave way to another before the first word, in their order. */
  fallbacks: readonly StreamEventData<'fallback'>[];
  /** What the platform said about the request, e.g. that its model has been retired. */
  warning: string | null;
  usage: StreamEventData<'usage'> | null;
  finish: StreamEventData<'done'> | null;
  failure: Failure | null;
}

export type AnswerAction =
  | { type: 'requested'; at: number }
  | { type: 'warned'; warning: string }
  /** The text of several token events, committed together. */
  | { type: 'text'; text: string }
  | { type: 'reasoning'; text: string }
  | { type: 'event'; event: Exclude<StreamEvent, { event: 'token' | 'reasoning' }> }
  /** The stream is over, however: only an answer that is not settled yet is interrupted by it. */
  | { type: 'ended' }
  | { type: 'refused'; error: AppError }
  | { type: 'stopped' };

export const queuedAnswer: Answer = {
  state: 'queued',
  text: '',
  reasoning: '',
  requestedAt: null,
  model: null,
  fallbacks: [],
  warning: null,
  usage: null,
  finish: null,
  failure: null,
};

const RUNNING: readonly AnswerState[] = ['connecting', 'waiting', 'streaming'];

export function isRunning({ state }: Answer): boolean {
  return RUNNING.includes(state);
}

/** The next state of an answer. Whatever text there is stays: no failure takes words back. */
export function reduceAnswer(answer: Answer, action: AnswerAction): Answer {
  if (action.type === 'requested') return { ...queuedAnswer, state: 'connecting', requestedAt: action.at };
  if (action.type === 'event' && action.event.event === 'usage') return { ...answer, usage: action.event.data };
  if (!isRunning(answer)) return answer;
  switch (action.type) {
    case 'warned':
      return { ...answer, warning: action.warning };
    case 'text':
      return { ...answer, state: 'streaming', text: answer.text + action.text };
    case 'reasoning':
      return { ...answer, state: 'streaming', reasoning: answer.reasoning + action.text };
    case 'stopped':
      return { ...answer, state: 'stopped' };
    case 'ended':
      return { ...answer, state: 'interrupted' };
    case 'refused': {
      const { code, message, retryable, retryAfterSeconds } = action.error;
      const failure = { code, message, retryable, ...(retryAfterSeconds !== undefined && { retryAfterSeconds }) };
      return { ...answer, state: 'failed', failure };
    }
    case 'event':
      return reduceEvent(answer, action.event);
  }
}

function reduceEvent(answer: Answer, { event, data }: Extract<AnswerAction, { type: 'event' }>['event']): Answer {
  switch (event) {
    case 'start':
      return { ...answer, state: 'waiting', model: data.model };
    case 'fallback':
      return { ...answer, model: data.to, fallbacks: [...answer.fallbacks, data] };
    case 'error':
      return { ...answer, state: 'failed', failure: data };
    case 'done':
      return { ...answer, state: 'done', model: data.model, finish: data };
    default:
      return answer;
  }
}
