import { AppError, errorBodySchema } from '@prodigon/contracts';
import { encodePrincipal, frameBody, INTERNAL_HEADERS, OUTCOME_TRAILER, stringifyJson } from '@prodigon/platform';
import { abortReason, type CallContext, ServiceUnreachableError } from '@prodigon/ports';
import type { Transport, TransportRequest, TransportResponse } from './transport.ts';

export interface ServiceRequesterOptions {
  readonly transport: Transport;
  readonly internalToken: string;
  /** The service's name in error messages, e.g. `model service`. */
  readonly title: string;
  /** Whether any request may go to another replica when the first one died before its response headers. GET requests always may. */
  readonly isRetryable?: boolean;
}

export interface ServiceRequest extends Pick<TransportRequest, 'method' | 'path' | 'isUnary'> {
  /** An object is sent as JSON, an iterable in frames as its chunks arrive. An error of the iterable rejects the request. */
  readonly body?: object | AsyncIterable<Uint8Array> | undefined;
  readonly headers?: Record<string, string>;
}

/** Sends requests to another service. Throws the errors that the service sends, and `ServiceUnreachableError` when it cannot be reached. */
export interface ServiceRequester {
  send(request: ServiceRequest, context: CallContext): Promise<TransportResponse>;
  /**
   * Yields the body of a response as it arrives. Throws when it is incomplete, however the connection ended: a body without
   * the bytes of its `content-length` or its outcome trailer is incomplete.
   */
  body(response: TransportResponse, context: CallContext): AsyncGenerator<Uint8Array>;
  /** Reads a whole body as text. */
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
  isRetryable = false,
}: ServiceRequesterOptions): ServiceRequester {
  async function send(request: ServiceRequest, context: CallContext): Promise<TransportResponse> {
    const { method, path, body, headers, isUnary } = request;
    const isStream = body !== undefined && Symbol.asyncIterator in body;
    const stream = isStream ? createStreamedBody(body) : undefined;
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
        body: stream?.frames ?? (body && (await stringifyJson(body))),
        signal: context.signal,
        isRetryable: isRetryable || method === 'GET',
        isUnary,
      });
    } catch (cause) {
      if (stream?.failure && !context.signal.aborted) throw stream.failure.cause;
      throw unreachableError(context, cause);
    }
    if (response.status >= 300) throw await readError(response, context);
    return response;
  }

  function unreachableError({ signal }: CallContext, cause: unknown): AppError {
    if (signal.aborted) return abortReason(signal);
    return new ServiceUnreachableError(`The ${title} cannot be reached.`, { cause, retryAfterSeconds: 1 });
  }

  const interruptionError: ServiceRequester['interruptionError'] = ({ signal }, cause) =>
    signal.aborted
      ? abortReason(signal)
      : new ServiceUnreachableError(`The ${title} ended the response before it was complete.`, { cause });

  async function* body(response: TransportResponse, context: CallContext): AsyncGenerator<Uint8Array> {
    let bytesRead = 0;
    try {
      for await (const chunk of response.body) {
        bytesRead += chunk.length;
        yield chunk;
      }
    } catch (cause) {
      throw interruptionError(context, cause);
    }
    if (!isComplete(response, bytesRead)) throw interruptionError(context);
  }

  async function text(response: TransportResponse, context: CallContext): Promise<string> {
    try {
      const chunks: Uint8Array[] = [];
      for await (const chunk of body(response, context)) chunks.push(chunk);
      return Buffer.concat(chunks).toString('utf8');
    } catch (cause) {
      throw unreachableError(context, cause);
    }
  }

  async function readJson(response: TransportResponse, context: CallContext): Promise<unknown> {
    const json = await text(response, context);
    try {
      return JSON.parse(json);
    } catch (cause) {
      throw unreachableError(context, cause);
    }
  }

  async function readError(response: TransportResponse, context: CallContext): Promise<AppError> {
    const parsed = errorBodySchema.safeParse(await readJson(response, context));
    if (!parsed.success) {
      const cause = new Error(`The ${title} returned status ${response.status} with an unknown body`);
      return new AppError('INTERNAL_ERROR', undefined, { cause });
    }
    const { code, message, details, provider } = parsed.data.error;
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
      isCircuitOpen: headerOf(response, INTERNAL_HEADERS.circuitOpen) === 'true',
    });
  }

  return {
    send,
    body,
    text,
    json: async (request, context) => readJson(await send(request, context), context),
    interruptionError,
  };
}

function isComplete(response: TransportResponse, bytesRead: number): boolean {
  const length = headerOf(response, 'content-length');
  return length === '' ? response.trailers()[OUTCOME_TRAILER] !== undefined : Number(length) === bytesRead;
}

interface StreamedBody {
  readonly frames: AsyncIterable<Uint8Array>;
  /** The error of the source, which says nothing about the service. */
  readonly failure: { readonly cause: unknown } | undefined;
}

function createStreamedBody(source: AsyncIterable<Uint8Array>): StreamedBody {
  let failure: StreamedBody['failure'];
  async function* frames(): AsyncGenerator<Uint8Array> {
    try {
      yield* frameBody(source);
    } catch (cause) {
      failure = { cause };
      // Without the code of `cause`, which a transport could mistake for an error of its connection.
      throw new Error('The body of the request failed', { cause });
    }
  }
  return {
    frames: frames(),
    get failure() {
      return failure;
    },
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
    ...encodePrincipal(context.principal),
    ...(context.attemptsMax !== undefined && { [INTERNAL_HEADERS.attemptsMax]: String(context.attemptsMax) }),
    ...(context.linkBase !== undefined && { [INTERNAL_HEADERS.linkBase]: context.linkBase }),
    [INTERNAL_HEADERS.timeLeft]: String(Math.max(1, Math.round(context.deadline - performance.now()))),
  };
}
