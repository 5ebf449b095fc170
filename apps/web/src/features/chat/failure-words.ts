import { ERRORS, type ErrorCode } from '@prodigon/contracts';
import type { Failure } from './answer.ts';

const TITLES: Partial<Record<ErrorCode, string>> = {
  UNAUTHENTICATED: 'An API key is needed',
  UNKNOWN_MODEL: 'No such model',
  VALIDATION_ERROR: 'The question was not accepted',
  PAYLOAD_TOO_LARGE: 'The conversation is too large',
  RATE_LIMITED: 'Too many requests just now',
  INFERENCE_ERROR: 'The model provider failed',
  SERVICE_UNAVAILABLE: 'No answer can be had just now',
  DEADLINE_EXCEEDED: 'The answer took too long',
};

/** A failure in plain words: what happened, and what the gateway said about it. */
export function wordsFor({ code, message, retryAfterSeconds }: Failure): { title: string; detail: string } {
  const wait = retryAfterSeconds ? ` Try again in ${retryAfterSeconds} s.` : '';
  const says = wait && message === ERRORS[code].message ? message.replace(/ Try again.*$/, '') : message;
  return { title: TITLES[code] ?? 'The answer failed', detail: says + wait };
}

/** Whether asking the same again may help. */
export function mayRetry({ code, retryable }: Failure): boolean {
  return retryable || code === 'UNAUTHENTICATED';
}
