import { AppError, errorBodySchema } from '@prodigon/contracts';
import { INTERNAL_HEADERS } from '@prodigon/platform';
import { abortReason, type CallContext, ServiceUnreachableError } from '@prodigon/ports';
import type { Transport, TransportRequest, TransportResponse } from './transport.ts';

export interface ServiceRequesterOptions {
  readonly transport: Transport;
  readonly internalToken: string;
  /** The service's name in error messages, e.g. `model service`. */
  readonly title: string;
  /** Whether a request may go to another replica when the first one died before its response headers. */
  readonly isRetryable?: boolean;
}

export interface ServiceRequest extends Pick<TransportRequest, 'method' | 'path' | 'isUnary'> {
  /** An object is sent as JSON, an iterable as its chunks arrive. */
  readonly body?: object | AsyncIterable<Uint8Array> | undefined;
  readonly headers?: Record<string, string>;
}

/** Sends requests to another service. Throws the errors that the service sends, and `ServiceUnreachableError` when it cannot be reached. */
export interface ServiceRequester {
  send(request: ServiceRequest, context: CallContext): Promise<TransportResponse>;
  /** Reads the rest of a body as text. */
  text(response: TransportResponse, context: CallContext): Promise<string>;
  /** Sends a request and parses the JSON of its response. */
  json(request: ServiceRequest, context: CallContext): Promise<unknown>;
  /** Returns the error for a body that ended early. */
  interruptionError(context: CallContext, cause?: unknown): AppError;
}

export function createServiceRequester({
  transport,
  internalToken,
  title,
  isRetryable,
}: ServiceRequesterOptions): ServiceRequester {
  async function send(request: ServiceRequest, context: CallContext): Promise<TransportResponse> {
    const { method, path, body, headers, isUnary } = request;
    const isStream = body !== undefined && Symbol.asyncIterator in body;
    let response: TransportResponse;
    try {
      response = await transport.send({
        method,
        path,
        headers: {
          ...contextHeaders(context, internalToken),
          ...(body !== undefined && !isStream && { 'content-type': 'application/json' }),
          ...headers,
        },
        body: body === undefined || isStream ? body : JSON.stringify(body),
        signal: context.signal,
        isRetryable,
        isUnary,
      });
    } catch (cause) {
      throw unreachableError(context, cause);
    }
    if (response.status >= 300) throw await readError(response, context);
    return response;
  }

  function unreachableError({ signal }: CallContext, cause: unknown): AppError {
    if (signal.aborted) return abortReason(signal);
    return new ServiceUnreachableError(`The ${title} cannot be reached.`, { cause, retryAfterSeconds: 1 });
  }

  async function text({ body }: TransportResponse, context: CallContext): Promise<string> {
    try {
      const chunks: Uint8Array[] = [];
      for await (const chunk of body) chunks.push(chunk);
      return Buffer.concat(chunks).toString('utf8');
    } catch (cause) {
      throw unreachableError(context, cause);
    }
  }

  async function readJson(response: TransportResponse, context: CallContext): Promise<unknown> {
    const body = await text(response, context);
    try {
      return JSON.parse(body);
    } catch (cause) {
      throw unreachableError(context, cause);
    }
  }

  async function readError(response: TransportResponse, context: CallContext): Promise<AppError> {
    const body = errorBodySchema.safeParse(await readJson(response, context));
    if (!body.success) {
      const cause = new Error(`The ${title} returned status ${response.status} with an unknown body`);
      return new AppError('INTERNAL_ERROR', undefined, { cause });
    }
    const { code, message, details, provider } = body.data.error;
    // The service rejected the internal token, which the client cannot change.
    if (code === 'UNAUTHENTICATED') return new AppError('SERVICE_UNAVAILABLE', 'The services do not share one INTERNAL_TOKEN.');
    const retryAfter = headerOf(response, 'retry-after');
    const shouldRetry = headerOf(response, 'x-should-retry');
    const attempts = headerOf(response, INTERNAL_HEADERS.attempts);
    return new AppError(code, provider ? undefined : message, {
      details,
      providerReason: provider && { ...provider, message },
      retryAfterSeconds: /^\d+$/.test(retryAfter) ? Number(retryAfter) : undefined,
      retryable: shouldRetry === '' ? undefined : shouldRetry === 'true',
      attempts: attempts === '' ? undefined : Number(attempts),
    });
  }

  return {
    send,
    text,
    json: async (request, context) => readJson(await send(request, context), context),
    interruptionError: ({ signal }, cause) =>
      signal.aborted
        ? abortReason(signal)
        : new ServiceUnreachableError(`The ${title} ended the response before it was complete.`, { cause }),
  };
}

export function headerOf({ headers }: TransportResponse, name: string): string {
  const value = headers[name];
  return (Array.isArray(value) ? value[0] : value) ?? '';
}

function contextHeaders(context: CallContext, internalToken: string): Record<string, string> {
  return {
    authorization: `Bearer ${internalToken}`,
    'x-request-id': context.requestId,
    traceparent: context.traceparent,
    [INTERNAL_HEADERS.principal]: context.principal.id,
    ...(context.attemptsMax !== undefined && { [INTERNAL_HEADERS.attemptsMax]: String(context.attemptsMax) }),
    [INTERNAL_HEADERS.timeLeft]: String(Math.max(1, Math.round(context.deadline - performance.now()))),
  };
}
