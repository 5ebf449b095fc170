import { AppError, type ErrorCode } from '@prodigon/contracts';
import type { FastifyRequest } from 'fastify';
import { describe, expect, it } from 'vitest';
import { toErrorResponse } from './openai-errors.ts';

const requestFor = (url: string) => ({ url, id: 'request-1' }) as FastifyRequest;

describe('format of error responses', () => {
  it.each(['/v1', '/v1?x=1', '/v1/models', '/openai/v1/chat/completions'])("is OpenAI's on %s", (url) => {
    expect(toErrorResponse(new AppError('RATE_LIMITED'), requestFor(url))).toMatchObject({
      status: 429,
      body: { error: { type: 'rate_limit_error', code: 'rate_limit_exceeded' } },
      shouldRetry: true,
    });
  });

  it.each(['/api/v1/models', '/v10/models', '/v1x', '/openai/v2/models'])("is the platform's on %s", (url) => {
    expect(toErrorResponse(new AppError('RATE_LIMITED'), requestFor(url))).toMatchObject({
      status: 429,
      body: { error: { code: 'RATE_LIMITED', request_id: 'request-1' } },
    });
  });
});

describe('retry advice for OpenAI clients', () => {
  const adviceFor = (code: ErrorCode, options = {}) =>
    toErrorResponse(new AppError(code, undefined, options), requestFor('/v1/models')).shouldRetry;

  it.each([
    ['no call', undefined, true],
    ['one call', 1, true],
    ['two calls', 2, false],
  ])('depends on the calls that Prodigon has made: %s', (_case, attempts, shouldRetry) => {
    expect(adviceFor('PROVIDER_UNREACHABLE', { attempts })).toBe(shouldRetry);
  });

  it.each(['INFERENCE_ERROR', 'DEADLINE_EXCEEDED', 'UNKNOWN_MODEL'] as const)('is never to repeat %s', (code) => {
    expect(adviceFor(code, { attempts: 0 })).toBe(false);
  });

  it('is not to repeat an error that is marked as not retryable', () => {
    expect(adviceFor('RATE_LIMITED', { retryable: false })).toBe(false);
  });
});
