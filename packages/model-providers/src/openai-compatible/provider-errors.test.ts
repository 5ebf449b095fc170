import type { IncomingHttpHeaders } from 'node:http';
import { AppError, type ErrorCode } from '@prodigon/contracts';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { errorFromBody, errorFromResponse, type ProviderResponseError, toProviderError } from './provider-errors.ts';

const bodyWith = (error: object) => JSON.stringify({ error: { message: 'The provider’s own text.', ...error } });
const errorOf = (status: number, body = '', headers: IncomingHttpHeaders = {}) => errorFromResponse(status, headers, body);
const signal = new AbortController().signal;

describe('an error response of a provider', () => {
  it.each<[number, ErrorCode, boolean]>([
    [307, 'INFERENCE_ERROR', true],
    [400, 'BAD_REQUEST', false],
    [401, 'PROVIDER_KEY_REFUSED', false],
    [403, 'PROVIDER_KEY_REFUSED', false],
    [402, 'QUOTA_EXHAUSTED', false],
    [404, 'INFERENCE_ERROR', false],
    [413, 'PAYLOAD_TOO_LARGE', false],
    [422, 'VALIDATION_ERROR', false],
    [429, 'RATE_LIMITED', true],
    [500, 'INFERENCE_ERROR', true],
    [503, 'INFERENCE_ERROR', true],
  ])('with status %i is %s', (status, code, retryable) => {
    expect(errorOf(status)).toMatchObject({ code, retryable });
  });

  it.each<[number, string, ErrorCode]>([
    [400, 'context_length_exceeded', 'CONTEXT_LENGTH_EXCEEDED'],
    [400, 'content_filter', 'CONTENT_FILTERED'],
    [400, 'content_policy_violation', 'CONTENT_FILTERED'],
    [404, 'model_not_found', 'NOT_FOUND'],
    [413, 'context_length_exceeded', 'CONTEXT_LENGTH_EXCEEDED'],
    [403, 'insufficient_quota', 'QUOTA_EXHAUSTED'],
    [429, 'insufficient_quota', 'QUOTA_EXHAUSTED'],
    [429, 'billing_hard_limit_reached', 'QUOTA_EXHAUSTED'],
  ])('with status %i and the code %s is %s', (status, providerCode, code) => {
    expect(errorOf(status, bodyWith({ code: providerCode }))).toMatchObject({ code, retryable: false });
  });

  it.each<[string, number, string, ErrorCode]>([
    ['the code belongs to another status', 429, bodyWith({ code: 'content_filter' }), 'RATE_LIMITED'],
    ['the code is unknown', 400, bodyWith({ code: 'toString' }), 'BAD_REQUEST'],
    ['the code is a number', 400, bodyWith({ code: 400 }), 'BAD_REQUEST'],
    ['only the message names the code', 400, bodyWith({ message: 'context_length_exceeded' }), 'BAD_REQUEST'],
    ['the body is not JSON', 429, 'insufficient_quota', 'RATE_LIMITED'],
    ['the body is JSON of an unexpected shape', 400, 'null', 'BAD_REQUEST'],
  ])('is classified by its status when %s', (_case, status, body, code) => {
    expect(errorOf(status, body).code).toBe(code);
  });

  it.each([400, 404, 413, 422])('with status %i has the reason of the provider, apart from its message', (status) => {
    const { message, publicMessage, providerReason, cause } = errorOf(
      status,
      bodyWith({ message: 'The model refuses `top_k`.', code: 'unsupported_parameter', param: 'top_k', type: 'model' }),
    );
    expect(providerReason).toEqual({ message: 'The model refuses `top_k`.', code: 'unsupported_parameter', param: 'top_k' });
    expect(publicMessage).toBe('The model refuses `top_k`.');
    expect(message).not.toContain('top_k');
    expect(cause).toMatchObject({ message: `The provider responded with ${status}`, status, param: 'top_k' });
  });

  it('has the reason of the provider when the body is a list', () => {
    expect(errorOf(400, `[${bodyWith({ message: 'Unknown name "x"' })}]`).providerReason?.message).toBe('Unknown name "x"');
  });

  it.each([401, 402, 403, 429, 500, 503])('with status %i has no reason', (status) => {
    const { publicMessage, providerReason, cause } = errorOf(status, bodyWith({ message: 'Canary' }));
    expect(providerReason).toBeUndefined();
    expect(publicMessage).not.toContain('Canary');
    expect((cause as ProviderResponseError).message).not.toContain('Canary');
    expect((cause as ProviderResponseError).text).toContain('Canary');
  });

  it.each([
    ['names the model', bodyWith({ message: 'The model `m` does not exist' })],
    ['names the parameter', bodyWith({ param: 'model' })],
    ['has a code', bodyWith({ code: 'model_not_found' })],
  ])('is about the model when a 404 %s', (_case, body) => {
    expect(errorOf(404, body)).toMatchObject({ code: 'NOT_FOUND', details: [{ path: 'model', message: expect.any(String) }] });
  });

  it.each([
    ['no body', ''],
    ['a page', '<html>Not Found</html>'],
    ["FastAPI's body", '{"detail":"Not Found"}'],
    ['an error about the path', bodyWith({ message: 'Invalid URL (POST /chat/completions)' })],
  ])('points at the base URL when a 404 has %s', (_case, body) => {
    const { code, publicMessage, retryable } = errorOf(404, body);
    expect({ code, retryable }).toEqual({ code: 'INFERENCE_ERROR', retryable: false });
    // Plain text: not every client renders Markdown.
    expect(publicMessage).toContain('Is /v1 missing');
  });
});

describe('an error in a body without an error status', () => {
  it.each<[string, object | string, ErrorCode]>([
    ['a status', { code: 429 }, 'RATE_LIMITED'],
    ['a status as text', { status: '503' }, 'INFERENCE_ERROR'],
    ['a code', { code: 'context_length_exceeded' }, 'CONTEXT_LENGTH_EXCEEDED'],
    ['a code that stands for a status', { code: 'rate_limit_exceeded' }, 'RATE_LIMITED'],
    ['a type', { type: 'invalid_request_error' }, 'BAD_REQUEST'],
    ['an empty quota', { code: 'insufficient_quota' }, 'QUOTA_EXHAUSTED'],
    ['nothing but a message', {}, 'INFERENCE_ERROR'],
    ['a text', 'Overloaded', 'INFERENCE_ERROR'],
  ])('is classified by %s', (_case, error, code) => {
    const body = typeof error === 'string' ? { error } : { error: { message: 'No', ...error } };
    expect(errorFromBody(body)?.code).toBe(code);
  });

  it.each<[string, unknown, ErrorCode]>([
    ['a list', [{ error: { code: 400, message: 'No', status: 'INVALID_ARGUMENT' } }], 'BAD_REQUEST'],
    ['the fields of the body', { object: 'error', message: 'No', code: 400 }, 'BAD_REQUEST'],
    ['an empty error without a response', { error: {}, choices: [] }, 'INFERENCE_ERROR'],
  ])('may be %s', (_case, body, code) => {
    expect(errorFromBody(body)?.code).toBe(code);
  });

  it.each([{}, { code: null, message: '', param: '', type: '' }, { code: 0, message: null }])(
    'is missing in an empty error: %j',
    (error) => {
      expect(errorFromBody({ error, choices: [{}] })).toBeUndefined();
      expect(errorFromBody({ error, data: [{}] })).toBeUndefined();
      expect(errorFromBody({ error: { ...error, message: 'No' }, choices: [{}] })?.code).toBe('INFERENCE_ERROR');
    },
  );

  it.each([[{}], [{ error: null }], [{ error: '' }], [{ error: false }], [null], ['error'], [[]]])('is missing in %j', (body) => {
    expect(errorFromBody(body)).toBeUndefined();
  });
});

describe('the Retry-After of an error response', () => {
  afterEach(() => {
    vi.useRealTimers();
  });

  it.each([
    ['7', 7],
    ['0.5', 0.5],
    ['Wed, 25 Nov 2026 12:00:30 GMT', 30],
    ['Wed, 25 Nov 2026 11:59:00 GMT', 0],
  ])('is %s parsed as %d seconds', (value, seconds) => {
    vi.useFakeTimers({ now: Date.parse('2026-11-25T12:00:00Z'), toFake: ['Date'] });
    expect(errorOf(503, '', { 'retry-after': value }).retryAfterSeconds).toBe(seconds);
  });

  it('defaults to one second for a rate limit, and is missing for every other error', () => {
    expect(errorOf(429).retryAfterSeconds).toBe(1);
    expect(errorOf(429, '', { 'retry-after': 'soon' }).retryAfterSeconds).toBe(1);
    expect(errorOf(429, bodyWith({ code: 'insufficient_quota' })).retryAfterSeconds).toBeUndefined();
    expect(errorOf(503).retryAfterSeconds).toBeUndefined();
  });
});

describe('an exception during a provider call', () => {
  const withCode = (code: string) => Object.assign(new Error(code), { code });

  it.each<[string, ErrorCode]>([
    ['ECONNREFUSED', 'PROVIDER_UNREACHABLE'],
    ['ENOTFOUND', 'PROVIDER_UNREACHABLE'],
    ['EAI_AGAIN', 'PROVIDER_UNREACHABLE'],
    ['EHOSTUNREACH', 'PROVIDER_UNREACHABLE'],
    ['ENETUNREACH', 'PROVIDER_UNREACHABLE'],
    ['EHOSTDOWN', 'PROVIDER_UNREACHABLE'],
    ['ERR_TLS_CERT_ALTNAME_INVALID', 'PROVIDER_UNREACHABLE'],
    ['CERT_HAS_EXPIRED', 'PROVIDER_UNREACHABLE'],
    ['DEPTH_ZERO_SELF_SIGNED_CERT', 'PROVIDER_UNREACHABLE'],
    ['PROXY_UNREACHABLE', 'PROVIDER_UNREACHABLE'],
    ['PROXY_AUTHENTICATION_REQUIRED', 'PROVIDER_UNREACHABLE'],
    ['PROXY_REFUSED', 'PROVIDER_UNREACHABLE'],
    ['UND_ERR_CONNECT_TIMEOUT', 'DEADLINE_EXCEEDED'],
    ['ECONNRESET', 'INFERENCE_ERROR'],
  ])('with the code %s is %s', (systemCode, code) => {
    const thrown = withCode(systemCode);
    expect(toProviderError(thrown, signal)).toMatchObject({ code, cause: thrown });
  });

  it('says that the proxy failed when it did', () => {
    expect(toProviderError(withCode('PROXY_AUTHENTICATION_REQUIRED'), signal).message).toBe(
      'The proxy in front of the model provider requires a valid user and password.',
    );
  });

  it('is classified by its first error when several addresses failed', () => {
    const thrown = new AggregateError([withCode('ECONNREFUSED'), withCode('ECONNRESET')]);
    expect(toProviderError(thrown, signal).code).toBe('PROVIDER_UNREACHABLE');
    expect(toProviderError(new AggregateError([]), signal).code).toBe('INFERENCE_ERROR');
  });

  it('stays the same when it is an AppError', () => {
    const failure = new AppError('RATE_LIMITED');
    expect(toProviderError(failure, signal)).toBe(failure);
  });

  it('is the reason of the signal when that has aborted', () => {
    const reason = new AppError('CANCELLED');
    expect(toProviderError(withCode('ECONNRESET'), AbortSignal.abort(reason))).toBe(reason);
    expect(toProviderError(withCode('ECONNRESET'), AbortSignal.abort(new Error('timeout'))).code).toBe('DEADLINE_EXCEEDED');
  });
});
