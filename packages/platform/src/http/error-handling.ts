import { AppError, type ErrorCode, type ErrorDetail, fieldPath, flattenIssues } from '@prodigon/contracts';
import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import fp from 'fastify-plugin';
import { hasZodFastifySchemaValidationErrors, isResponseSerializationError } from 'fastify-type-provider-zod';
import type { z } from 'zod';
import { INTERNAL_HEADERS } from './internal-protocol.ts';
import { ACCEPTED_ENCODINGS, hasUnsupportedEncoding } from './request-decoding.ts';
import { recordFailure } from './request-log.ts';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Media types of the files that the route accepts besides JSON, for error messages. */
    fileTypes?: readonly string[];
  }
}

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
  /** Returns a sentence for clients of a path that does not exist, e.g. the path to use instead. */
  describeUnknownPath?: ((path: string) => string | undefined) | undefined;
}

/** Converts every error to an HTTP response. */
export const errorHandling = fp<ErrorHandlingOptions>(
  async (app, { toErrorResponse = defaultErrorResponse, describeUnknownPath }) => {
    const routes = collectRoutes(app);

    app.setErrorHandler((error, request, reply) => {
      const failure = recordFailure(request, toRequestError(error, request));
      const retryAfterSeconds = failure.publicRetryAfterSeconds;
      if (retryAfterSeconds !== undefined) reply.header('retry-after', retryAfterSeconds);
      if (failure.attempts !== undefined) reply.header('x-prodigon-attempts', String(failure.attempts));
      if (failure.isCircuitOpen) reply.header(INTERNAL_HEADERS.circuitOpen, 'true');
      const { status, body, shouldRetry } = toErrorResponse(failure, request);
      // Fastify would close the connection of a client that is still sending, often before it has read the error.
      if (!request.raw.complete) reply.removeHeader('connection');
      if (status === 415 && hasUnsupportedEncoding(request.headers)) reply.header('accept-encoding', ACCEPTED_ENCODINGS);
      // HTTP requires a challenge with this status (RFC 9110, section 15.5.2).
      if (status === 401) reply.header('www-authenticate', 'Bearer realm="Prodigon"');
      // OpenAI's clients read this header besides the status, and wait as long as `Retry-After` says.
      const isTooLong = (failure.retryAfterSeconds ?? 0) > RETRY_WAIT_S_MAX && !isInternal(request);
      if (status >= 408) reply.header('x-should-retry', String(shouldRetry && !isTooLong));
      return reply.code(status).type('application/json; charset=utf-8').send(JSON.stringify(body));
    });

    function unknownPathError(request: FastifyRequest, reply: FastifyReply): AppError {
      const path = request.url.split('?', 1)[0] ?? '';
      const methods = routes.methodsOf(path);
      const isMethodAllowed = methods.length === 0 || methods.includes(request.method);
      if (isMethodAllowed) {
        const similar = withoutExtraSlashes(path);
        const isMeant = similar !== path && similar.length <= NAMED_PATH_CHARACTERS_MAX && routes.methodsOf(similar).length > 0;
        const hint = isMeant ? `Did you mean ${similar}?` : describeUnknownPath?.(path);
        return new AppError('NOT_FOUND', hint === undefined ? 'This path does not exist.' : `This path does not exist. ${hint}`);
      }
      reply.header('allow', methods.join(', '));
      return new AppError('METHOD_NOT_ALLOWED', `This path accepts ${methods.join(', ')}.`);
    }

    app.setNotFoundHandler((request, reply) => {
      throw unknownPathError(request, reply);
    });
    // Fastify would parse the body first, so that a problem of the body would hide the problem of the path.
    app.addHook('preParsing', (request, reply, payload, done) => {
      if (request.is404) done(unknownPathError(request, reply));
      else done(null, payload);
    });
  },
);

/** The longest wait that a client should begin on its own, because a longer one looks like a hang. */
const RETRY_WAIT_S_MAX = 5;

/** Services read the header as the property of the error, and decide on the wait themselves. */
function isInternal({ routeOptions }: FastifyRequest): boolean {
  return routeOptions.config?.access === 'internal';
}

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
    return schemaError(
      error.validation
        .slice(0, DETAILS_MAX)
        .map(
          ({ keyword, instancePath, message, params }) =>
            ({ ...params, code: keyword, path: instancePath.split('/').filter(Boolean), message }) as z.core.$ZodIssue,
        ),
    );
  }
  if (isResponseSerializationError(error)) return AppError.from(error);
  const { statusCode = 500, code = '' } = error as FastifyError;
  if (statusCode >= 500) return AppError.from(error);
  if (error instanceof SyntaxError || /JSON|EMPTY/.test(code)) return new AppError('INVALID_JSON', undefined, { cause: error });
  return new AppError(CODES[statusCode] ?? 'BAD_REQUEST', undefined, { cause: error });
}

/** Converts an error of Fastify as `toAppError` does, and adds what the route accepts where that helps. */
function toRequestError(error: unknown, request: FastifyRequest): AppError {
  const { code, validationContext } = error as FastifyError;
  if (code === 'FST_ERR_CTP_INVALID_MEDIA_TYPE') return unsupportedTypeError(request);
  if (validationContext === 'body' && request.body === undefined) {
    const details = [{ path: '', message: 'A body is required' }];
    return new AppError('VALIDATION_ERROR', `The request has no body. ${acceptedTypes(request)}`, { details });
  }
  return toAppError(error);
}

/** Returns the error for a body whose type the route does not accept. It names the accepted types. */
export function unsupportedTypeError(request: FastifyRequest): AppError {
  const isForm = /^multipart\//i.test(request.headers['content-type'] ?? '');
  return new AppError('UNSUPPORTED_MEDIA_TYPE', `${isForm ? 'Forms are not accepted. ' : ''}${acceptedTypes(request)}`);
}

function acceptedTypes({ routeOptions }: FastifyRequest): string {
  const { fileTypes } = routeOptions.config;
  return `Send the body as application/json${fileTypes ? `, or a file as one of ${fileTypes.join(', ')}` : ''}.`;
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
  throw schemaError(result.error.issues);
}

/** The maximum number of problems in an error. A list of thousands would be longer than the request. */
const DETAILS_MAX = 100;

function schemaError(issues: readonly z.core.$ZodIssue[]): AppError {
  const problems = flattenIssues(issues.slice(0, DETAILS_MAX)).slice(0, DETAILS_MAX);
  return validationError(problems.map(({ path, message }) => ({ path: fieldPath(path), message })));
}

export function validationError(details: ErrorDetail[]): AppError {
  const fields = details.map(({ path, message }) => (path ? `${path}: ${message}` : message));
  return new AppError('VALIDATION_ERROR', `The request does not match its schema. ${fields.slice(0, 5).join('. ')}.`, {
    details,
  });
}
