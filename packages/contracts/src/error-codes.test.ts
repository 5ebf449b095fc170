import { describe, expect, it } from 'vitest';
import { AppError, ERROR_CODES, ERROR_LIMITS, type ErrorCode, errorBodySchema } from './error-codes.ts';

/** The status and the retryability of each code are part of the API: clients and proxies branch on them. */
const STATUSES: Record<ErrorCode, readonly [number, 'retryable' | 'final']> = {
  INVALID_JSON: [400, 'final'],
  INVALID_PATH: [400, 'final'],
  BAD_REQUEST: [400, 'final'],
  CONTEXT_LENGTH_EXCEEDED: [400, 'final'],
  CONTENT_FILTERED: [400, 'final'],
  UNAUTHENTICATED: [401, 'final'],
  FORBIDDEN: [403, 'final'],
  NOT_FOUND: [404, 'final'],
  API_KEY_NOT_FOUND: [404, 'final'],
  JOB_NOT_FOUND: [404, 'final'],
  CONVERSATION_NOT_FOUND: [404, 'final'],
  NOT_RESUMABLE: [410, 'final'],
  RESPONSE_INTERRUPTED: [503, 'retryable'],
  LABS_DISABLED: [403, 'final'],
  METHOD_NOT_ALLOWED: [405, 'final'],
  CONFLICT: [409, 'final'],
  PREDICTION_REQUIRED: [409, 'final'],
  TASK_NOT_STARTED: [409, 'final'],
  REQUEST_TIMEOUT: [408, 'retryable'],
  PAYLOAD_TOO_LARGE: [413, 'final'],
  UNSUPPORTED_MEDIA_TYPE: [415, 'final'],
  RANGE_NOT_SATISFIABLE: [416, 'final'],
  VALIDATION_ERROR: [422, 'final'],
  UNKNOWN_MODEL: [422, 'final'],
  RATE_LIMITED: [429, 'retryable'],
  QUOTA_EXHAUSTED: [429, 'final'],
  BUDGET_EXHAUSTED: [429, 'final'],
  CANCELLED: [499, 'retryable'],
  INTERNAL_ERROR: [500, 'final'],
  INFERENCE_ERROR: [502, 'retryable'],
  PROVIDER_KEY_REFUSED: [502, 'final'],
  SERVICE_UNAVAILABLE: [503, 'retryable'],
  CIRCUIT_OPEN: [503, 'retryable'],
  PROVIDER_UNREACHABLE: [503, 'retryable'],
  DEADLINE_EXCEEDED: [504, 'retryable'],
  INSUFFICIENT_STORAGE: [507, 'retryable'],
};

describe('AppError', () => {
  it.each(Object.entries(STATUSES) as [ErrorCode, readonly [number, string]][])(
    '%s has the status and retryability %j',
    (code, expected) => {
      const { status, retryable } = new AppError(code);
      expect([status, retryable ? 'retryable' : 'final']).toEqual(expected);
    },
  );

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

  it.each(['ENOSPC', 'EDQUOT', 'EFBIG', 'EROFS', '53100'])('wraps %s as the cause of an INSUFFICIENT_STORAGE', (code) => {
    const cause = Object.assign(new Error('write failed'), { code });
    expect(AppError.from(cause)).toMatchObject({ code: 'INSUFFICIENT_STORAGE', retryAfterSeconds: 10, cause });
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

it('shortens what an error repeats of its request, in the response and in the log', () => {
  const names = Array.from({ length: 100_000 }, (_, index) => `unknown-${index}-😀`);
  const list = names.join();
  const details = names.slice(0, 200).map((name) => ({ path: name.repeat(100), message: list, line: 7 }));
  const error = new AppError('VALIDATION_ERROR', `Unknown: ${list}`, { details });
  const expectShort = (text = '', max: number) => {
    expect([text.isWellFormed(), text.endsWith('…')]).toEqual([true, true]);
    // An emoji is not divided.
    expect(text.length).toBeLessThanOrEqual(max);
    expect(text.length).toBeGreaterThanOrEqual(max - 1);
  };
  expectShort(error.message, ERROR_LIMITS.messageCharactersMax);
  expect(error.details).toHaveLength(ERROR_LIMITS.detailsMax);
  expectShort(error.details?.[0]?.path, ERROR_LIMITS.detailCharactersMax);
  expectShort(error.details?.[0]?.message, ERROR_LIMITS.detailCharactersMax);
  expect(error.details?.[0]?.line).toBe(7);
  expect(JSON.stringify(error.toBody('id')).length).toBeLessThan(100_000);
});
