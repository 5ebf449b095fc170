import { readStreamEvents } from '@prodigon/api-client';
import { AppError, type ChatRequest, errorBodySchema, estimateUsage, modelListSchema } from '@prodigon/contracts';
import { completionSchema, decodeOutcome, INTERNAL_HEADERS, OUTCOME_TRAILER } from '@prodigon/platform';
import {
  abortReason,
  type CallContext,
  type ContentEvent,
  type GenerationOutcome,
  type ModelClient,
  type ModelStream,
} from '@prodigon/ports';
import type { Exchange, ExchangeResponse } from './exchange.ts';
import { wholeFrames } from './whole-frames.ts';

export interface RemoteModelClientOptions {
  exchange: Exchange;
  internalToken: string;
}

/** The model service in another process: throws what the one in this process would throw. */
export function createRemoteModelClient({ exchange, internalToken }: RemoteModelClientOptions): ModelClient {
  async function call(
    path: string,
    context: CallContext,
    body?: unknown,
    headers: Record<string, string> = {},
  ): Promise<ExchangeResponse> {
    let response: ExchangeResponse;
    try {
      response = await exchange.send({
        method: body === undefined ? 'GET' : 'POST',
        path,
        headers: {
          ...headersOf(context, internalToken),
          ...(body !== undefined && { 'content-type': 'application/json' }),
          ...headers,
        },
        body: body === undefined ? undefined : JSON.stringify(body),
        signal: context.signal,
      });
    } catch (cause) {
      throw unreachable(context, cause);
    }
    if (response.status !== 200) throw await refusalOf(response, context);
    return response;
  }

  return {
    async models(context) {
      return modelListSchema.parse(await jsonOf(await call('/internal/v1/models', context), context));
    },
    async complete(request, context) {
      return completionSchema.parse(await jsonOf(await call('/internal/v1/chat', context, request), context));
    },
    async stream(request, context, { format, generationId }) {
      const startedAt = performance.now();
      const response = await call('/internal/v1/chat/stream', context, request, {
        [INTERNAL_HEADERS.streamFormat]: format,
        [INTERNAL_HEADERS.generationId]: generationId,
      });
      return remoteStream(request, response, context, startedAt);
    },
  };
}

function remoteStream(request: ChatRequest, response: ExchangeResponse, context: CallContext, startedAt: number): ModelStream {
  const { promise: outcome, resolve } = Promise.withResolvers<GenerationOutcome>();
  const ttftMs = performance.now() - startedAt;
  let bytesRead = 0;

  /** For a stream whose sender cannot tell any more how it ended. */
  function interrupted(error: AppError): GenerationOutcome {
    return {
      status: error.code === 'CANCELLED' ? 'cancelled' : 'failed',
      finish: null,
      usage: estimateUsage(request, (bytesRead / FRAME_BYTES) * 4),
      estimated: true,
      timings: { ttftMs, totalMs: performance.now() - startedAt },
      sequence: 0,
      error,
    };
  }

  async function* bytes(): AsyncGenerator<Uint8Array> {
    // Stays when the reader leaves the loop, which ends this generator at its `yield`.
    let failure: AppError | undefined = new AppError('CANCELLED');
    try {
      for await (const frames of wholeFrames(response.body)) {
        bytesRead += frames.length;
        yield frames;
      }
      failure = undefined;
    } catch (cause) {
      failure = context.signal.aborted ? abortReason(context.signal) : brokenOff(cause);
    } finally {
      const reported = failure ? undefined : decodeOutcome(response.trailers()[OUTCOME_TRAILER]);
      resolve(reported ?? interrupted(failure ?? (context.signal.aborted ? abortReason(context.signal) : brokenOff())));
    }
    const { error } = await outcome;
    if (error) throw error;
  }

  return {
    model: decodeURIComponent(headerOf(response, INTERNAL_HEADERS.model)),
    provider: headerOf(response, INTERNAL_HEADERS.provider),
    outcome,
    bytes,
    async *events() {
      for await (const { event, data } of readStreamEvents(bytes())) {
        if (event === 'token') yield { type: 'text', text: data } satisfies ContentEvent;
        else if (event === 'reasoning') yield { type: 'reasoning', text: data } satisfies ContentEvent;
        else if (event === 'tool_call') {
          const { arguments_delta: argumentsDelta, ...rest } = data;
          yield { type: 'tool_call', ...rest, argumentsDelta } satisfies ContentEvent;
        }
      }
    },
  };
}

/** A token's frame is about this long: its text, its id and the framing. */
const FRAME_BYTES = 80;

function headersOf(context: CallContext, internalToken: string): Record<string, string> {
  return {
    authorization: `Bearer ${internalToken}`,
    'x-request-id': context.requestId,
    traceparent: context.traceparent,
    [INTERNAL_HEADERS.principal]: context.principal.id,
    [INTERNAL_HEADERS.timeLeft]: String(Math.max(1, Math.round(context.deadline - performance.now()))),
  };
}

async function textOf({ body }: ExchangeResponse): Promise<string> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of body) chunks.push(chunk);
  return Buffer.concat(chunks).toString('utf8');
}

async function jsonOf(response: ExchangeResponse, context: CallContext): Promise<unknown> {
  try {
    return JSON.parse(await textOf(response));
  } catch (cause) {
    throw unreachable(context, cause);
  }
}

async function refusalOf(response: ExchangeResponse, context: CallContext): Promise<AppError> {
  const body = errorBodySchema.safeParse(await jsonOf(response, context));
  if (!body.success)
    return new AppError('INTERNAL_ERROR', undefined, {
      cause: new Error(`The model service answered ${response.status} in another form`),
    });
  const { code, message, details } = body.data.error;
  // Our own token was refused: nothing that the caller could do about it.
  if (code === 'UNAUTHENTICATED') return new AppError('SERVICE_UNAVAILABLE', 'The services do not share one INTERNAL_TOKEN.');
  const seconds = Number(headerOf(response, 'retry-after') || Number.NaN);
  return new AppError(code, message, { details, retryAfterSeconds: Number.isFinite(seconds) ? seconds : undefined });
}

function unreachable({ signal }: CallContext, cause: unknown): AppError {
  if (signal.aborted) return abortReason(signal);
  return new AppError('SERVICE_UNAVAILABLE', 'The model service cannot be reached.', { cause, retryAfterSeconds: 1 });
}

function brokenOff(cause?: unknown): AppError {
  return new AppError('SERVICE_UNAVAILABLE', 'The model service broke off the answer.', { cause });
}

function headerOf({ headers }: ExchangeResponse, name: string): string {
  const value = headers[name];
  return (Array.isArray(value) ? value[0] : value) ?? '';
}
