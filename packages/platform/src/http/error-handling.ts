import { AppError, type ErrorCode, type ErrorDetail } from '@prodigon/contracts';
import type { FastifyError, FastifyInstance, FastifyRequest } from 'fastify';
import fp from 'fastify-plugin';
import { hasZodFastifySchemaValidationErrors, isResponseSerializationError } from 'fastify-type-provider-zod';
import { recordFailure } from './request-log.ts';
import { validationError } from './validation.ts';

/** How a failure is told on a path. */
export interface ErrorResponse {
  readonly status: number;
  readonly body: object;
  /** For clients that try again by themselves: whether that may help. */
  readonly shouldRetry: boolean;
}

export interface ErrorHandlingOptions {
  /** For paths whose callers expect another form than ours. */
  toErrorResponse?: ((failure: AppError, request: FastifyRequest) => ErrorResponse) | undefined;
}

/** The one place where an error becomes an HTTP response. */
export const errorHandling = fp<ErrorHandlingOptions>(async (app, { toErrorResponse = defaultErrorResponse }) => {
  const routes = collectRoutes(app);

  app.setErrorHandler((error, request, reply) => {
    const failure = recordFailure(request, toAppError(error));
    if (failure.retryAfterSeconds !== undefined) reply.header('retry-after', Math.max(1, Math.ceil(failure.retryAfterSeconds)));
    if (failure.attempts !== undefined) reply.header('x-prodigon-attempts', String(failure.attempts));
    const { status, body, shouldRetry } = toErrorResponse(failure, request);
    // Fastify would cut off who is still sending, often before they have read why.
    if (!request.raw.complete) reply.removeHeader('connection');
    // The code does not tell everything: OpenAI's clients ask this header too.
    if (status >= 408) reply.header('x-should-retry', String(shouldRetry));
    return reply.code(status).type('application/json; charset=utf-8').send(JSON.stringify(body));
  });

  app.setNotFoundHandler((request, reply) => {
    const path = request.url.split('?', 1)[0] ?? '';
    const methods = routes.methodsOf(path);
    const isMethodFine = methods.length === 0 || methods.includes(request.method);
    if (isMethodFine) throw new AppError('NOT_FOUND', 'There is nothing at this path.');
    reply.header('allow', methods.join(', '));
    throw new AppError('METHOD_NOT_ALLOWED', `This path takes ${methods.join(', ')}.`);
  });
});

export function defaultErrorResponse(failure: AppError, { id }: FastifyRequest): ErrorResponse {
  return { status: failure.status, body: failure.toBody(id), shouldRetry: failure.retryable };
}

const CODES: Partial<Record<number, ErrorCode>> = { 413: 'PAYLOAD_TOO_LARGE', 415: 'UNSUPPORTED_MEDIA_TYPE', 404: 'NOT_FOUND' };

/** Fastify's own refusals become ours. Its messages stay behind: they name internals. */
export function toAppError(error: unknown): AppError {
  if (error instanceof AppError) return error;
  if (hasZodFastifySchemaValidationErrors(error)) {
    return validationError(
      error.validation.map(
        ({ instancePath, message }): ErrorDetail => ({ path: fieldPath(instancePath), message: message ?? 'Not valid' }),
      ),
    );
  }
  if (isResponseSerializationError(error)) return AppError.from(error);
  const { statusCode = 500, code = '' } = error as FastifyError;
  if (statusCode >= 500) return AppError.from(error);
  if (error instanceof SyntaxError || /JSON|EMPTY/.test(code)) return new AppError('INVALID_JSON', undefined, { cause: error });
  return new AppError(CODES[statusCode] ?? 'BAD_REQUEST', undefined, { cause: error });
}

function fieldPath(pointer: string): string {
  return pointer.split('/').filter(Boolean).join('.');
}

/** Which methods a path takes, so that a wrong one is told apart from a wrong path. */
function collectRoutes(app: FastifyInstance): { methodsOf(path: string): string[] } {
  const patterns: { method: string; pattern: RegExp }[] = [];
  app.addHook('onRoute', ({ method, url }) => {
    // What catches everything else is no path of its own.
    if (url === '/*') return;
    const source = url
      .replace(/[.+?^${}()|[\]\\]/g, '\\$&')
      .replace(/:\w+/g, '[^/]+')
      .replace(/\*/g, '.*');
    for (const each of [method].flat()) patterns.push({ method: each, pattern: new RegExp(`^${source}$`) });
  });
  return {
    methodsOf: (path) => [...new Set(patterns.filter(({ pattern }) => pattern.test(path)).map(({ method }) => method))].sort(),
  };
}
