import { Metadata, status } from '@grpc/grpc-js';
import { AppError, ERROR_CODES, type ErrorBody, type ErrorCode } from '@prodigon/contracts';
import { describe, expect, it } from 'vitest';
import { readErrorResponse, toStatusObject } from './error-metadata.ts';

const CODES = Object.keys(ERROR_CODES) as ErrorCode[];

describe('an error over gRPC', () => {
  it.each(CODES)('keeps the code, message and HTTP status of %s', (code) => {
    const failure = new AppError(code, 'What the client may read', { retryAfterSeconds: 2.4, attempts: 3 });
    const sent = toStatusObject(failure, 'request-1');
    expect(sent.code).not.toBe(status.OK);
    const { status: httpStatus, headers, body, isFromService } = readErrorResponse(sent);
    expect(isFromService).toBe(true);
    expect(httpStatus).toBe(failure.status);
    expect(JSON.parse(body.toString())).toEqual(failure.toBody('request-1'));
    expect(headers).toMatchObject({
      'retry-after': '3',
      'x-prodigon-attempts': '3',
      'x-should-retry': String(failure.retryable),
    });
  });

  it('keeps the details and the reason of a provider, in any script', () => {
    const providerReason = { message: 'ungültig \u{1F680}', code: 'bad', param: 'messages' };
    const failure = new AppError('BAD_REQUEST', undefined, { providerReason, details: [{ path: 'messages', message: 'ß' }] });
    const { body } = readErrorResponse(toStatusObject(failure, 'request-1'));
    expect(JSON.parse(body.toString())).toEqual(failure.toBody('request-1'));
  });

  it('omits details that would exceed the size of metadata', () => {
    const details = Array.from({ length: 100 }, (_, index) => ({ path: `${index}`, message: 'x'.repeat(290) }));
    const { body } = readErrorResponse(toStatusObject(new AppError('VALIDATION_ERROR', 'Wrong', { details }), 'request-1'));
    expect(body.length).toBeLessThan(25_000);
    const { error } = JSON.parse(body.toString()) as ErrorBody;
    expect(error).toMatchObject({ code: 'VALIDATION_ERROR', message: 'Wrong' });
    expect(error.details?.length).toBeGreaterThan(10);
  });

  it.each([
    [status.UNAVAILABLE, 503, 'SERVICE_UNAVAILABLE'],
    [status.RESOURCE_EXHAUSTED, 413, 'PAYLOAD_TOO_LARGE'],
    [status.DEADLINE_EXCEEDED, 504, 'DEADLINE_EXCEEDED'],
    [status.UNIMPLEMENTED, 500, 'INTERNAL_ERROR'],
    [99 as status, 500, 'INTERNAL_ERROR'],
  ])('becomes the code for a status %i that gRPC itself reports', (code, httpStatus, errorCode) => {
    const response = readErrorResponse({ code, details: 'internal: secret', metadata: new Metadata() });
    expect(response).toMatchObject({ status: httpStatus, isFromService: false });
    expect(JSON.parse(response.body.toString()).error).toMatchObject({
      code: errorCode,
      message: ERROR_CODES[errorCode as ErrorCode].message,
    });
  });
});
