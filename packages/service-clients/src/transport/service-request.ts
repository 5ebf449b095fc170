import { AppError, errorBodySchema } from '@prodigon/contracts';
import { INTERNAL_HEADERS } from '@prodigon/platform';
import { abortReason, type CallContext, ServiceUnreachableError } from '@prodigon/ports';
import type { Transport, TransportRequest, TransportResponse } from './transport.ts';

export interface ServiceRequesterOptions {
  transport: Transport;
  internalToken: string;
  /** As it is called in sentences, e.g. `model service`. */
  title: string;
  /** Whether a call may go to another replica when the one that had it has died without having answered. */
  isRetryable?: boolean;
}

export interface ServiceCall extends Pick<TransportRequest, 'method' | 'path'> {
  /** An object is sent as JSON, bytes as they come. */
  readonly body?: object | AsyncIterable<Uint8Array> | undefined;
  readonly headers?: Record<string, string>;
  readonly isUnary?: boolean;
}

/** Calls another of our services. What it refuses is thrown as it threw it; a connection that fails is `ServiceUnreachable`. */
export interface ServiceRequester {
  call(call: ServiceCall, context: CallContext): Promise<TransportResponse>;
  /** The rest of an answer as text. */
  text(response: TransportResponse, context: CallContext): Promise<string>;
  /** The whole body as JSON. */
  json(call: ServiceCall, context: CallContext): Promise<unknown>;
  /** For a body that broke off. */
  brokenOff(context: CallContext, cause?: unknown): AppError;
}

export function createServiceRequester({
  transport,
  internalToken,
  title,
  isRetryable,
}: ServiceRequesterOptions): ServiceRequester {
  async function call({ method, path, body, headers, isUnary }: ServiceCall, context: CallContext): Promise<TransportResponse> {
    const isStream = body !== undefined && Symbol.asyncIterator in body;
    let response: TransportResponse;
    try {
      response = await transport.send({
        method,
        path,
        headers: {
          ...headersOf(context, internalToken),
          ...(body !== undefined && !isStream && { 'content-type': 'application/json' }),
          ...headers,
        },
        body: body === undefined || isStream ? body : JSON.stringify(body),
        signal: context.signal,
        isRetryable,
        isUnary,
      });
    } catch (cause) {
      throw unreachable(context, cause);
    }
    if (response.status >= 300) throw await refusalOf(response, context);
    return response;
  }

  function unreachable({ signal }: CallContext, cause: unknown): AppError {
    if (signal.aborted) return abortReason(signal);
    return new ServiceUnreachableError(`The ${title} cannot be reached.`, { cause, retryAfterSeconds: 1 });
  }

  async function text(response: TransportResponse, context: CallContext): Promise<string> {
    try {
      return await textOf(response);
    } catch (cause) {
      throw unreachable(context, cause);
    }
  }

  async function jsonOf(response: TransportResponse, context: CallContext): Promise<unknown> {
    const body = await text(response, context);
    try {
      return JSON.parse(body);
    } catch (cause) {
      throw unreachable(context, cause);
    }
  }

  async function refusalOf(response: TransportResponse, context: CallContext): Promise<AppError> {
    const body = errorBodySchema.safeParse(await jsonOf(response, context));
    if (!body.success) {
      return new AppError('INTERNAL_ERROR', undefined, {
        cause: new Error(`The ${title} answered ${response.status} in another form`),
      });
    }
    const { code, message, details } = body.data.error;
    // Our own token was refused: nothing that the caller could do about it.
    if (code === 'UNAUTHENTICATED') return new AppError('SERVICE_UNAVAILABLE', 'The services do not share one INTERNAL_TOKEN.');
    const seconds = Number(headerOf(response, 'retry-after') || Number.NaN);
    const shouldRetry = headerOf(response, 'x-should-retry');
    const attempts = headerOf(response, INTERNAL_HEADERS.attempts);
    return new AppError(code, message, {
      details,
      retryAfterSeconds: Number.isFinite(seconds) ? seconds : undefined,
      retryable: shouldRetry === '' ? undefined : shouldRetry === 'true',
      attempts: attempts === '' ? undefined : Number(attempts),
    });
  }

  return {
    call,
    text,
    json: async (request, context) => jsonOf(await call(request, context), context),
    brokenOff: ({ signal }, cause) =>
      signal.aborted ? abortReason(signal) : new ServiceUnreachableError(`The ${title} broke off the answer.`, { cause }),
  };
}

export function headerOf({ headers }: TransportResponse, name: string): string {
  const value = headers[name];
  return (Array.isArray(value) ? value[0] : value) ?? '';
}

function headersOf(context: CallContext, internalToken: string): Record<string, string> {
  return {
    authorization: `Bearer ${internalToken}`,
    'x-request-id': context.requestId,
    traceparent: context.traceparent,
    [INTERNAL_HEADERS.principal]: context.principal.id,
    ...(context.attemptsMax !== undefined && { [INTERNAL_HEADERS.attemptsMax]: String(context.attemptsMax) }),
    [INTERNAL_HEADERS.timeLeft]: String(Math.max(1, Math.round(context.deadline - performance.now()))),
  };
}

async function textOf({ body }: TransportResponse): Promise<string> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of body) chunks.push(chunk);
  return Buffer.concat(chunks).toString('utf8');
}
