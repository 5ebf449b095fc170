import { AppError, type ErrorCode, type ErrorDetail } from '@prodigon/contracts';
import type { FastifyError, FastifyInstance, FastifyRequest } from 'fastify';
import fp from 'fastify-plugin';
import { hasZodFastifySchemaValidationErrors, isResponseSerializationError } from 'fastify-type-provider-zod';
import type { z } from 'zod';
import { INTERNAL_HEADERS } from './internal-protocol.ts';
import { recordFailure } from './request-log.ts';

/** An error as an HTTP response. */
export interface ErrorResponse {
  readonly status: number;
  readonly body: object;
  /** Whether clients with their own retry loop should retry. */
  readonly shouldRetry: boolean;
}

export interface ErrorHandlingOptions {
  /** Formats errors for paths whose clients expect another format. */
  toErrorResponse?: ((failure: AppError, request: FastifyRequest) => ErrorResponse) | undefined;
}

/** Converts every error to an HTTP response. */
export const errorHandling = fp<ErrorHandlingOptions>(async (app, { toErrorResponse = defaultErrorResponse }) => {
  const routes = collectRoutes(app);

  app.setErrorHandler((error, request, reply) => {
    const failure = recordFailure(request, toAppError(error));
    if (failure.retryAfterSeconds !== undefined) reply.header('retry-after', Math.max(1, Math.ceil(failure.retryAfterSeconds)));
    if (failure.attempts !== undefined) reply.header('x-prodigon-attempts', String(failure.attempts));
    if (failure.isCircuitOpen) reply.header(INTERNAL_HEADERS.circuitOpen, 'true');
    const { status, body, shouldRetry } = toErrorResponse(failure, request);
    // Fastify would close the connection of a client that is still sending, often before it has read the error.
    if (!request.raw.complete) reply.removeHeader('connection');
    // HTTP requires a challenge with this status (RFC 9110, section 15.5.2).
    if (status === 401) reply.header('www-authenticate', 'Bearer realm="Prodigon"');
    // OpenAI's clients read this header besides the status.
    if (status >= 408) reply.header('x-should-retry', String(shouldRetry));
    return reply.code(status).type('application/json; charset=utf-8').send(JSON.stringify(body));
  });

  app.setNotFoundHandler((request, reply) => {
    const path = request.url.split('?', 1)[0] ?? '';
    const methods = routes.methodsOf(path);
    const isMethodAllowed = methods.length === 0 || methods.includes(request.method);
    if (isMethodAllowed) {
      const similar = withoutExtraSlashes(path);
      const isMeant = similar !== path && similar.length <= NAMED_PATH_CHARACTERS_MAX && routes.methodsOf(similar).length > 0;
      throw new AppError('NOT_FOUND', `This path does not exist.${isMeant ? ` Did you mean ${similar}?` : ''}`);
    }
    reply.header('allow', methods.join(', '));
    throw new AppError('METHOD_NOT_ALLOWED', `This path accepts ${methods.join(', ')}.`);
  });
});

/** Longer paths are not repeated to the client. */
const NAMED_PATH_CHARACTERS_MAX = 200;

const withoutExtraSlashes = (path: string) => path.replace(/\/{2,}/g, '/').replace(/(?<=.)\/$/, '');

export function defaultErrorResponse(failure: AppError, { id }: FastifyRequest): ErrorResponse {
  return { status: failure.status, body: failure.toBody(id), shouldRetry: failure.retryable };
}

const CODES: Partial<Record<number, ErrorCode>> = { 413: 'PAYLOAD_TOO_LARGE', 415: 'UNSUPPORTED_MEDIA_TYPE', 404: 'NOT_FOUND' };

/** Converts an error of Fastify to an `AppError`. The messages of Fastify stay private, because they name internals. */
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

/** Collects the methods of each path, to distinguish a wrong method from an unknown path. */
function collectRoutes(app: FastifyInstance): { methodsOf(path: string): string[] } {
  const patterns: { method: string; pattern: RegExp }[] = [];
  app.addHook('onRoute', ({ method, url }) => {
    // Catch-all routes serve the web UI and preflight requests. They are not paths of the API.
    if (url === '/*' || url === '*') return;
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

/** Parses a value with a schema. Throws the `VALIDATION_ERROR` that a route schema throws. */
export function parseInput<Schema extends z.ZodType>(schema: Schema, value: unknown): z.output<Schema> {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  throw validationError(result.error.issues.map(({ path, message }) => ({ path: path.join('.'), message })));
}

export function validationError(details: ErrorDetail[]): AppError {
  const fields = details.map(({ path, message }) => (path ? `${path}: ${message}` : message));
  return new AppError('VALIDATION_ERROR', `The request does not match its schema. ${fields.slice(0, 5).join('. ')}.`, {
    details,
  });
}
