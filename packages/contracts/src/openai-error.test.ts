import { describe, expect, it } from 'vitest';
import { AppError, ERROR_CODES, type ErrorCode } from './error-codes.ts';
import { openAiErrorSchema, toOpenAiError } from './openai-error.ts';

const convert = (code: ErrorCode, options: ConstructorParameters<typeof AppError>[2] = {}) => {
  const { status, body } = toOpenAiError(new AppError(code, 'Message.', options));
  const { type, code: openAiCode, param } = body.error;
  return [status, type, openAiCode, param];
};

describe('toOpenAiError', () => {
  it.each([
    ['INVALID_JSON', 400, 'invalid_request_error', null, null],
    ['BAD_REQUEST', 400, 'invalid_request_error', null, null],
    ['UNAUTHENTICATED', 401, 'invalid_request_error', 'invalid_api_key', null],
    ['UNKNOWN_MODEL', 404, 'invalid_request_error', 'model_not_found', 'model'],
    ['NOT_FOUND', 404, 'invalid_request_error', 'not_found', null],
    ['REQUEST_TIMEOUT', 408, 'invalid_request_error', 'request_timeout', null],
    ['PAYLOAD_TOO_LARGE', 413, 'invalid_request_error', 'request_too_large', null],
    ['VALIDATION_ERROR', 422, 'invalid_request_error', null, null],
    ['RATE_LIMITED', 429, 'rate_limit_error', 'rate_limit_exceeded', null],
    ['QUOTA_EXHAUSTED', 429, 'insufficient_quota', 'insufficient_quota', null],
    ['CONTEXT_LENGTH_EXCEEDED', 400, 'invalid_request_error', 'context_length_exceeded', 'messages'],
    ['CONTENT_FILTERED', 400, 'invalid_request_error', 'content_filter', null],
    ['INTERNAL_ERROR', 500, 'server_error', null, null],
    ['INFERENCE_ERROR', 502, 'server_error', 'provider_error', null],
    ['PROVIDER_KEY_REFUSED', 502, 'server_error', 'provider_key_refused', null],
    ['SERVICE_UNAVAILABLE', 503, 'server_error', 'service_unavailable', null],
    ['CIRCUIT_OPEN', 503, 'server_error', 'circuit_open', null],
    ['PROVIDER_UNREACHABLE', 503, 'server_error', 'provider_unreachable', null],
    ['DEADLINE_EXCEEDED', 504, 'server_error', 'timeout', null],
  ] as const)('maps %s to status %i', (code, ...expected) => {
    expect(convert(code)).toEqual(expected);
  });

  it('returns 400 with the field in OpenAI notation for schema errors', () => {
    const details = [{ path: 'messages[0].content[12].text', message: 'Too long' }];
    expect(convert('VALIDATION_ERROR', { details })).toEqual([
      400,
      'invalid_request_error',
      'invalid_value',
      'messages[0].content[12].text',
    ]);
    const { body } = toOpenAiError(new AppError('VALIDATION_ERROR', 'It does not fit.', { details }));
    expect(body.error.message).toBe('It does not fit. messages[0].content[12].text: Too long');
  });

  it('does not repeat a detail that the message contains', () => {
    const details = [{ path: 'input', message: 'Too small' }];
    const { body } = toOpenAiError(new AppError('VALIDATION_ERROR', 'It does not fit. input: Too small.', { details }));
    expect(body.error.message).toBe('It does not fit. input: Too small.');
  });

  it('returns the field of the conversation in the requested API', () => {
    const paramOf = (conversation?: 'input') =>
      toOpenAiError(new AppError('CONTEXT_LENGTH_EXCEEDED'), conversation).body.error.param;
    expect([paramOf(), paramOf('input')]).toEqual(['messages', 'input']);
  });

  it('returns no parameter for errors of the whole body', () => {
    const details = [{ path: '', message: 'A body is required' }];
    expect(toOpenAiError(new AppError('VALIDATION_ERROR', 'No body.', { details })).body.error.message).toBe('No body.');
    expect(convert('VALIDATION_ERROR', { details: [{ path: '', message: 'Wrong' }] })[3]).toBeNull();
  });

  it('returns model_not_found for a model that the provider does not know', () => {
    const details = [{ path: 'model', message: 'It does not know this model.' }];
    expect(convert('NOT_FOUND', { details })).toEqual([404, 'invalid_request_error', 'model_not_found', 'model']);
  });

  it('keeps digits inside field names', () => {
    expect(convert('VALIDATION_ERROR', { details: [{ path: 'metadata.2nd.v1', message: 'Wrong' }] })[3]).toBe('metadata.2nd.v1');
  });

  it('matches the schema for every code and never includes the cause', () => {
    for (const code of Object.keys(ERROR_CODES) as ErrorCode[]) {
      const { status, body } = toOpenAiError(new AppError(code, undefined, { cause: new Error('secret') }));
      expect(openAiErrorSchema.parse(body)).toEqual(body);
      expect(status).toBeGreaterThanOrEqual(400);
      expect(JSON.stringify(body)).not.toContain('secret');
    }
  });
});
