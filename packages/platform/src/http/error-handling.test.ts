import { AppError, type ErrorDetail } from '@prodigon/contracts';
import Fastify from 'fastify';
import { describe, expect, it, onTestFinished } from 'vitest';
import { z } from 'zod';
import { createLogger } from '../telemetry/logger.ts';
import { createMetrics } from '../telemetry/metrics.ts';
import { errorHandling, parseInput, toAppError, validationError } from './error-handling.ts';
import { requestLog } from './request-log.ts';

async function createApp() {
  const app = Fastify();
  onTestFinished(() => app.close());
  const logger = createLogger({ service: 'test', level: 'silent', secrets: [], destination: { write: () => {} } });
  await app.register(requestLog, { service: 'test', logger, metrics: createMetrics() });
  await app.register(errorHandling, {});
  return app;
}

async function respondTo(error: unknown) {
  const app = await createApp();
  app.get('/', async () => {
    throw error;
  });
  return app.inject('/');
}

describe('an error response', () => {
  it('has the body, the status and the content type of the API', async () => {
    const response = await respondTo(new AppError('FORBIDDEN', 'No.'));
    expect([response.statusCode, response.headers['content-type']]).toEqual([403, 'application/json; charset=utf-8']);
    expect(response.json()).toEqual({ error: { code: 'FORBIDDEN', message: 'No.', request_id: 'req-1' } });
  });

  it.each([
    [0, '1'],
    [0.2, '1'],
    [1.01, '2'],
    [30, '30'],
    [undefined, undefined],
  ])('rounds a delay of %s seconds up to Retry-After: %s', async (retryAfterSeconds, header) => {
    const { headers } = await respondTo(new AppError('RATE_LIMITED', undefined, { retryAfterSeconds }));
    expect(headers['retry-after']).toBe(header);
  });

  it('reports the number of provider calls, also when it is 0', async () => {
    const attemptsOf = async (attempts?: number) =>
      (await respondTo(new AppError('INFERENCE_ERROR', undefined, { attempts }))).headers['x-prodigon-attempts'];
    expect([await attemptsOf(2), await attemptsOf(0), await attemptsOf()]).toEqual(['2', '0', undefined]);
  });

  it.each([
    ['CONFLICT', 'false'],
    ['RATE_LIMITED', 'true'],
    ['QUOTA_EXHAUSTED', 'false'],
    ['METHOD_NOT_ALLOWED', undefined],
  ] as const)('states for %s whether clients should retry: %s', async (code, header) => {
    expect((await respondTo(new AppError(code))).headers['x-should-retry']).toBe(header);
  });
});

describe('the advice to retry', () => {
  const adviceFor = async (retryAfterSeconds: number, access?: 'internal' | 'caller') => {
    const app = await createApp();
    app.get('/', { ...(access && { config: { access } }) }, async () => {
      throw new AppError('CIRCUIT_OPEN', undefined, { retryAfterSeconds });
    });
    const { headers } = await app.inject('/');
    return [headers['retry-after'], headers['x-should-retry']];
  };

  it('is against a wait of more than five seconds, which looks like a hang', async () => {
    expect(await adviceFor(5, 'caller')).toEqual(['5', 'true']);
    expect(await adviceFor(5.1, 'caller')).toEqual(['6', 'false']);
    expect(await adviceFor(60)).toEqual(['60', 'false']);
  });

  it('states between services only whether a retry may succeed', async () => {
    expect(await adviceFor(60, 'internal')).toEqual(['60', 'true']);
  });
});

describe('the response to a wrong method', () => {
  const methodsOf = async (url: string) => {
    const app = await createApp();
    app.get('/jobs/:id/items', async () => 'items');
    app.delete('/jobs/:id/items', async () => 'deleted');
    app.get('/files/*', async () => 'file');
    app.get('/openapi.json', async () => 'api');
    const { statusCode, headers } = await app.inject({ method: 'PUT', url });
    return statusCode === 405 ? headers.allow : statusCode;
  };

  it('lists the methods of the path, each once and sorted, whatever its parameters and its query are', async () => {
    expect(await methodsOf('/jobs/7/items?limit=1')).toBe('DELETE, GET, HEAD');
    expect(await methodsOf('/files/a/b.md')).toBe('GET, HEAD');
  });

  it('is 404 for a path that only resembles one', async () => {
    expect(await methodsOf('/jobs/7/8/items')).toBe(404);
    expect(await methodsOf('/jobs/7/items/8')).toBe(404);
    expect(await methodsOf('/openapi-json')).toBe(404);
  });
});

describe('toAppError', () => {
  const fastifyError = (statusCode: number, code: string) => Object.assign(new Error('internal name'), { statusCode, code });

  it.each([
    [fastifyError(413, 'FST_ERR_CTP_BODY_TOO_LARGE'), 'PAYLOAD_TOO_LARGE'],
    [fastifyError(415, 'FST_ERR_CTP_INVALID_MEDIA_TYPE'), 'UNSUPPORTED_MEDIA_TYPE'],
    [fastifyError(404, 'FST_ERR_NOT_FOUND'), 'NOT_FOUND'],
    [fastifyError(400, 'FST_ERR_CTP_EMPTY_JSON_BODY'), 'INVALID_JSON'],
    [fastifyError(400, 'FST_ERR_CTP_INVALID_JSON_BODY'), 'INVALID_JSON'],
    [fastifyError(400, 'FST_ERR_BAD_URL'), 'BAD_REQUEST'],
    [fastifyError(499, 'OTHER'), 'BAD_REQUEST'],
    [fastifyError(500, 'OTHER'), 'INTERNAL_ERROR'],
    [Object.assign(new SyntaxError('Unexpected token'), { statusCode: 400 }), 'INVALID_JSON'],
    [new SyntaxError('a bug of this process'), 'INTERNAL_ERROR'],
  ])('converts %o to %s, with the error as its cause only', (error, code) => {
    const converted = toAppError(error);
    expect(converted).toMatchObject({ code, cause: error });
    expect(converted.message).not.toContain('internal name');
  });

  it('returns an AppError unchanged', () => {
    const error = new AppError('CONFLICT');
    expect(toAppError(error)).toBe(error);
  });
});

describe('validationError', () => {
  const details = (count: number): ErrorDetail[] =>
    Array.from({ length: count }, (_, path) => ({ path: `f${path}`, message: 'Wrong' }));

  it('names the first five fields in its message and all of them in its details', () => {
    expect(validationError(details(6))).toMatchObject({
      code: 'VALIDATION_ERROR',
      message: 'The request does not match its schema. f0: Wrong. f1: Wrong. f2: Wrong. f3: Wrong. f4: Wrong.',
      details: details(6),
    });
  });

  it('has no path for a problem of the whole body', () => {
    expect(validationError([{ path: '', message: 'Must be an object' }]).message).toMatch(/schema\. Must be an object\.$/);
  });
});

describe('parseInput', () => {
  const schema = z.object({ list: z.array(z.coerce.number()) });

  it('returns the output of the schema', () => {
    expect(parseInput(schema, { list: ['1'] })).toEqual({ list: [1] });
  });

  it('throws the error of a route schema, with the path of each field', () => {
    expect(() => parseInput(schema, { list: ['1', 'two'] })).toThrow(
      expect.objectContaining({ code: 'VALIDATION_ERROR', details: [{ path: 'list[1]', message: 'Must be a number' }] }),
    );
  });
});

it('lists at most a hundred problems of a schema', () => {
  const list = z.object({ values: z.array(z.string()) });
  expect(() => parseInput(list, { values: Array(1_000).fill(1) })).toThrow(
    expect.objectContaining({ details: expect.toSatisfy((details: object[]) => details.length === 100) }),
  );
});
