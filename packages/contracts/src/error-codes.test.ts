import { describe, expect, it } from 'vitest';
import { AppError, ERROR_CODES, type ErrorCode, errorBodySchema } from './error-codes.ts';

describe('AppError', () => {
  it.each(Object.keys(ERROR_CODES) as ErrorCode[])('has the status, message and retryability of %s', (code) => {
    const error = new AppError(code);
    expect({ status: error.status, message: error.message, retryable: error.retryable }).toEqual(ERROR_CODES[code]);
    expect(errorBodySchema.parse(error.toBody('r'))).toEqual({ error: { code, message: error.message, request_id: 'r' } });
  });

  it('includes details in its body, but never its cause', () => {
    const details = [{ path: 'a', message: 'Invalid' }];
    const error = new AppError('VALIDATION_ERROR', 'No.', { details, cause: new Error('secret') });
    expect(error.toBody('r')).toEqual({ error: { code: 'VALIDATION_ERROR', message: 'No.', request_id: 'r', details } });
  });

  it('overrides the default retryability of its code', () => {
    expect(new AppError('RATE_LIMITED', undefined, { retryable: false }).retryable).toBe(false);
  });

  it('wraps other thrown values as the cause of an INTERNAL_ERROR', () => {
    const error = new AppError('NOT_FOUND');
    expect(AppError.from(error)).toBe(error);
    expect(AppError.from('thrown')).toMatchObject({ code: 'INTERNAL_ERROR', cause: 'thrown' });
  });

  it('keeps all other fields in afterAttempts', () => {
    const options = { details: [], retryAfterSeconds: 3, retryable: false, cause: 'why' };
    expect(new AppError('RATE_LIMITED', 'Slow.', options).afterAttempts(2)).toMatchObject({
      code: 'RATE_LIMITED',
      message: 'Slow.',
      ...options,
      attempts: 2,
    });
  });
});
