import { readStreamEvents } from '@prodigon/api-client';
import { AppError, type ChatRequest, estimateUsage, modelListSchema, usageReportSchema } from '@prodigon/contracts';
import {
  decodeOutcome,
  decodeResponseMetadata,
  decodeResponseSummary,
  INTERNAL_HEADERS,
  OUTCOME_TRAILER,
} from '@prodigon/platform';
import type { CallContext, ContentEvent, GenerationOutcome, ModelClient, ModelStream } from '@prodigon/ports';
import { splitAtFrameBoundary } from './frame-boundary.ts';
import { createServiceRequester, headerOf, type ServiceRequester } from './service-request.ts';
import type { Transport, TransportResponse } from './transport.ts';

export interface RemoteModelClientOptions {
  transport: Transport;
  internalToken: string;
}

/** The model service in another process: throws what the one in this process would throw. */
export function createRemoteModelClient({ transport, internalToken }: RemoteModelClientOptions): ModelClient {
  const service = createServiceRequester({ transport, internalToken, title: 'model service', isRetryable: true });

  /** A body to pass on as it is, and what was said about it. */
  async function answer(path: string, body: object, context: CallContext) {
    const response = await service.call({ method: 'POST', path, body, isUnary: true }, context);
    const account = decodeResponseSummary(headerOf(response, INTERNAL_HEADERS.metadata));
    return { account, body: await service.text(response, context) };
  }

  return {
    async models(context) {
      return modelListSchema.parse(await service.json({ method: 'GET', path: '/internal/v1/models' }, context));
    },
    async usage({ from, to }, context) {
      const query = new URLSearchParams({ from, to });
      return usageReportSchema.parse(await service.json({ method: 'GET', path: `/internal/v1/usage?${query}` }, context));
    },
    async complete(request, context) {
      const { body, account } = await answer('/internal/v1/chat', request, context);
      const { finish = 'stop', ...rest } = account;
      return {
        ...rest,
        finish,
        body,
        get text() {
          return textOfCompletion(body);
        },
      };
    },
    async embed(request, context) {
      const { body, account } = await answer('/internal/v1/embeddings', request, context);
      return { ...account, body };
    },
    async stream(request, context, { format, generationId }) {
      const startedAt = performance.now();
      const headers = { [INTERNAL_HEADERS.streamFormat]: format, [INTERNAL_HEADERS.generationId]: generationId };
      const response = await service.call({ method: 'POST', path: '/internal/v1/chat/stream', body: request, headers }, context);
      return remoteStream(request, response, { service, context, startedAt });
    },
  };
}

interface RemoteStreamOptions {
  service: ServiceRequester;
  context: CallContext;
  startedAt: number;
}

function remoteStream(
  request: ChatRequest,
  response: TransportResponse,
  { service, context, startedAt }: RemoteStreamOptions,
): ModelStream {
  const { promise: outcome, resolve } = Promise.withResolvers<GenerationOutcome>();
  const source = decodeResponseMetadata(headerOf(response, INTERNAL_HEADERS.metadata));
  // The headers are not kept for as long as the stream lasts.
  const { body, trailers } = response;
  const ttftMs = performance.now() - startedAt;
  let bytesRead = 0;

  /** For a stream whose sender cannot tell any more how it ended. */
  function interrupted(error: AppError): GenerationOutcome {
    return {
      status: error.code === 'CANCELLED' ? 'cancelled' : 'failed',
      finish: null,
      usage: estimateUsage(request, (bytesRead / FRAME_BYTES) * 4),
      estimated: true,
      // Who was called for the last time can tell what it cost.
      costUsd: null,
      timings: { ttftMs, totalMs: performance.now() - startedAt },
      sequence: 0,
      error,
    };
  }

  async function* bytes(): AsyncGenerator<Uint8Array> {
    // Neither when the reader leaves the loop, which ends this generator at its `yield`.
    let isWhole = false;
    let failure: AppError | undefined;
    try {
      for await (const frames of splitAtFrameBoundary(body)) {
        bytesRead += frames.length;
        yield frames;
      }
      isWhole = true;
    } catch (cause) {
      failure = service.brokenOff(context, cause);
    } finally {
      const reported = isWhole ? decodeOutcome(trailers()[OUTCOME_TRAILER]) : undefined;
      failure ??= isWhole ? service.brokenOff(context) : new AppError('CANCELLED');
      resolve(reported ?? interrupted(failure));
    }
    const { error } = await outcome;
    if (error) throw error;
  }

  return {
    ...source,
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

function textOfCompletion(body: string): string {
  const { choices } = JSON.parse(body) as { choices?: { message?: { content?: string | null } }[] };
  return choices?.[0]?.message?.content ?? '';
}

/** A token's frame is about this long: its text, its id and the framing. */
const FRAME_BYTES = 80;
