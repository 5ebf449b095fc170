import { describe, expect, it } from 'vitest';
import { canRetry, errorMessage } from './error-messages.ts';

describe('a failure in words', () => {
  it('tells the operator what to do about a key that the provider refused, and does not offer to ask again', () => {
    const failure = { code: 'INFERENCE_ERROR', message: "The provider refused the platform's key.", retryable: false } as const;
    const { title, detail } = errorMessage(failure);
    expect(title).toBe('The model provider refused the platform’s key');
    expect(detail).toContain('.env');
    expect(canRetry(failure)).toBe(false);
  });

  it('says of a model that is left alone when it can be asked again', () => {
    const message = 'm has failed several times in a row and is left alone for a moment.';
    const failure = { code: 'SERVICE_UNAVAILABLE', message, retryable: true, retryAfterSeconds: 2.1 } as const;
    expect(errorMessage(failure)).toEqual({
      title: 'This model has failed too often just now',
      detail:
        'It failed several times in a row, so it is left alone for a moment. You can choose another model meanwhile. Try again in 3 s.',
    });
  });

  it('puts the time in the place of a later that nobody knows', () => {
    const message = 'The model provider is at its limit. Try again later.';
    const failure = { code: 'RATE_LIMITED', message, retryable: true } as const;
    expect(errorMessage(failure).detail).toBe(message);
    expect(errorMessage({ ...failure, retryAfterSeconds: 7 }).detail).toBe(
      'The model provider is at its limit. Try again in 7 s.',
    );
  });
});
