import type { IncomingHttpHeaders } from 'node:http';
import { AppError, type ErrorCode } from '@prodigon/contracts';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { errorFromResponse, toProviderError } from './provider-errors.ts';

const bodyWith = (error: object) => JSON.stringify({ error: { message: 'The provider’s own text.', ...error } });
const errorOf = (status: number, body = '', headers: IncomingHttpHeaders = {}) => errorFromResponse(status, headers, body);
const signal = new AbortController().signal;

describe('an error response of a provider', () => {
  it.each<[number, ErrorCode, boolean]>([
    [307, 'INFERENCE_ERROR', true],
    [400, 'BAD_REQUEST', false],
    [401, 'PROVIDER_KEY_REFUSED', false],
    [403, 'PROVIDER_KEY_REFUSED', false],
    [404, 'NOT_FOUND', false],
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
    [429, 'insufficient_quota', 'QUOTA_EXHAUSTED'],
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

  it('keeps the text of the provider in the cause, truncated, and out of the message', () => {
    const { message, cause } = errorOf(400, `${'x'.repeat(2_000)}end`);
    expect(message).not.toContain('x');
    expect((cause as Error).message).toBe(`The provider responded with 400: ${'x'.repeat(2_000)}`);
  });

  it('names the model in the details of a 404 only', () => {
    expect(errorOf(404).details).toEqual([{ path: 'model', message: expect.any(String) }]);
    expect(errorOf(400).details).toBeUndefined();
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
    ['UND_ERR_CONNECT_TIMEOUT', 'DEADLINE_EXCEEDED'],
    ['ECONNRESET', 'INFERENCE_ERROR'],
  ])('with the code %s is %s', (systemCode, code) => {
    const thrown = withCode(systemCode);
    expect(toProviderError(thrown, signal)).toMatchObject({ code, cause: thrown });
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
