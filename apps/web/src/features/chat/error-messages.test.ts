import { ERROR_CODES, type ErrorCode } from '@prodigon/contracts';
import { describe, expect, it } from 'vitest';
import { canRetry, errorMessage, fallbackMessage } from './error-messages.ts';

const failure = (code: ErrorCode, changes = {}) => ({
  code,
  message: 'The message of the API.',
  retryable: ERROR_CODES[code].retryable,
  ...changes,
});

describe('errorMessage', () => {
  it.each([
    ['PROVIDER_KEY_REFUSED', 'The provider rejected the platform’s API key', 'Settings, Providers'],
    ['QUOTA_EXHAUSTED', 'Provider quota exhausted', 'raise the quota'],
    ['CIRCUIT_OPEN', 'Model temporarily unavailable', 'Choose another model'],
    ['PROVIDER_UNREACHABLE', 'Provider unreachable', 'Choose a model from another provider'],
    ['CONTEXT_LENGTH_EXCEEDED', 'Conversation too long for this model', 'Start a new conversation'],
    ['FORBIDDEN', 'Not allowed with this API key', 'ask an admin'],
    ['BUDGET_EXHAUSTED', 'Budget used up', 'can raise it'],
    ['CONTENT_FILTERED', 'Blocked by the provider’s content filter', 'Rephrase'],
  ] as const)('explains %s and advises the user', (code, title, advice) => {
    const message = errorMessage(failure(code));
    expect(message.title).toBe(title);
    expect(message.detail).toContain(advice);
  });

  it('selects the message by the error code, not by the wording of the API', () => {
    const message = "The provider refused the platform's key. Try again later.";
    expect(errorMessage(failure('RATE_LIMITED', { message }))).toEqual(errorMessage(failure('RATE_LIMITED')));
    expect(errorMessage(failure('INFERENCE_ERROR', { message })).title).toBe('Provider error');
  });

  it('shows the message of the API for errors without a detail', () => {
    expect(errorMessage(failure('UNKNOWN_MODEL'))).toEqual({ title: 'Unknown model', detail: 'The message of the API.' });
    expect(errorMessage(failure('INTERNAL_ERROR'))).toEqual({ title: 'Request failed', detail: 'The message of the API.' });
  });

  it.each(['CIRCUIT_OPEN', 'PROVIDER_UNREACHABLE'] as const)('shows the cause of %s from the API before the advice', (code) => {
    const message = 'The proxy in front of the model provider cannot be reached.';
    expect(errorMessage(failure(code, { message })).detail).toMatch(/^The proxy .* cannot be reached\. Choose /);
  });

  it('appends the retry delay, rounded up to seconds', () => {
    expect(errorMessage(failure('RATE_LIMITED', { retryAfterSeconds: 2.1 })).detail).toBe(
      'Too many requests in a short time. Retry in 3 s.',
    );
    expect(errorMessage(failure('RATE_LIMITED', { retryAfterSeconds: 0 })).detail).toBe('Too many requests in a short time.');
  });
});

describe('the message of an exhausted budget', () => {
  it('repeats whose budget it is and until when, and no delay in seconds', () => {
    const message = 'The key "ci" has used up its budget of 1 USD per day. The budget starts again at 2026-12-01T00:00:00Z.';
    expect(errorMessage(failure('BUDGET_EXHAUSTED', { message, retryAfterSeconds: 43_200 })).detail).toBe(
      `${message} An admin can raise it under Settings, API keys.`,
    );
  });
});

describe('canRetry', () => {
  it('follows the retryable flag, and allows a retry with another API key', () => {
    expect(canRetry(failure('RATE_LIMITED'))).toBe(true);
    expect(canRetry(failure('PROVIDER_KEY_REFUSED'))).toBe(false);
    expect(canRetry(failure('UNAUTHENTICATED'))).toBe(true);
  });
});

describe('fallbackMessage', () => {
  it('names both models and the reason', () => {
    expect(fallbackMessage({ from: 'a', to: 'b', reason: 'RATE_LIMITED' })).toBe('Fell back from a to b: rate limit reached.');
    expect(fallbackMessage({ from: 'a', to: 'b', reason: 'INTERNAL_ERROR' })).toBe('Fell back from a to b: no response.');
  });
});
