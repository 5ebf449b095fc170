import type { ErrorCode, StreamEventData } from '@prodigon/contracts';
import { formatCountOf } from '../../design/format.ts';
import type { Failure } from './state/chat-response.ts';

export interface ErrorMessage {
  title: string;
  detail: string;
}

/** Errors without a detail show the message of the API, followed by the advice. */
const MESSAGES: Partial<Record<ErrorCode, { title: string; detail?: string; advice?: string }>> = {
  UNAUTHENTICATED: { title: 'API key required' },
  FORBIDDEN: {
    title: 'Not allowed with this API key',
    advice: 'Choose another model, or ask an admin to change the key.',
  },
  CONVERSATION_NOT_FOUND: { title: 'Conversation not found', detail: 'It may have been deleted.' },
  UNKNOWN_MODEL: { title: 'Unknown model' },
  VALIDATION_ERROR: { title: 'Invalid request' },
  PAYLOAD_TOO_LARGE: { title: 'Conversation too large', detail: 'Start a new conversation or shorten the question.' },
  CONTEXT_LENGTH_EXCEEDED: {
    title: 'Conversation too long for this model',
    detail: 'Start a new conversation, shorten the question, or choose a model with a larger context.',
  },
  CONTENT_FILTERED: {
    title: 'Blocked by the provider’s content filter',
    detail: 'Rephrase the question, or choose a model from another provider.',
  },
  RATE_LIMITED: { title: 'Rate limit reached', detail: 'Too many requests in a short time.' },
  QUOTA_EXHAUSTED: {
    title: 'Provider quota exhausted',
    detail: 'The operator must raise the quota at the provider. Until then, choose a model from another provider.',
  },
  BUDGET_EXHAUSTED: {
    title: 'Budget used up',
    advice: 'An admin can raise it under Settings, API keys.',
  },
  INFERENCE_ERROR: { title: 'Provider error' },
  PROVIDER_KEY_REFUSED: {
    title: 'The provider rejected the platform’s API key',
    advice: 'Retrying does not help. Correct the key under Settings, Providers, or choose a model from another provider.',
  },
  PROVIDER_UNREACHABLE: {
    title: 'Provider unreachable',
    advice: 'Choose a model from another provider, or retry later.',
  },
  CIRCUIT_OPEN: {
    title: 'Model temporarily unavailable',
    advice: 'Choose another model, or retry later.',
  },
  SERVICE_UNAVAILABLE: { title: 'Service unavailable' },
  DEADLINE_EXCEEDED: { title: 'Response timed out' },
};

/** Returns the title of an error and advice for the user. Only the error code selects them. */
export function errorMessage({ code, message, retryAfterSeconds }: Failure): ErrorMessage {
  const { title, detail = message, advice } = MESSAGES[code] ?? { title: 'Request failed' };
  // A budget lasts for a day or longer, and its message says until when.
  const retry = retryAfterSeconds && code !== 'BUDGET_EXHAUSTED' && `Retry in ${Math.ceil(retryAfterSeconds)} s.`;
  return { title, detail: [detail, advice, retry].filter(Boolean).join(' ') };
}

/** Whether to offer a retry. `UNAUTHENTICATED` is retryable, because the user can enter another API key. */
export function canRetry({ code, retryable }: Failure): boolean {
  return retryable || code === 'UNAUTHENTICATED';
}

const FALLBACK_REASONS: Partial<Record<ErrorCode, string>> = {
  RATE_LIMITED: 'rate limit reached',
  QUOTA_EXHAUSTED: 'quota exhausted',
  DEADLINE_EXCEEDED: 'timed out',
  INFERENCE_ERROR: 'provider error',
  PROVIDER_KEY_REFUSED: 'API key rejected',
  PROVIDER_UNREACHABLE: 'provider unreachable',
  CIRCUIT_OPEN: 'circuit breaker open',
  SERVICE_UNAVAILABLE: 'unavailable',
};

/** `Fell back from a to b: rate limit reached.` */
export function fallbackMessage({ from, to, reason }: StreamEventData<'fallback'>): string {
  return `Fell back from ${from} to ${to}: ${FALLBACK_REASONS[reason] ?? 'no response'}.`;
}

/** `Sent without the oldest 2 messages: the model’s context is too small for them.` */
export function omittedMessagesMessage(count: number): string {
  const messages = count === 1 ? 'the oldest message' : `the oldest ${formatCountOf(count, 'message')}`;
  return `Sent without ${messages}: the model’s context is too small for ${count === 1 ? 'it' : 'them'}.`;
}
