import { readStreamEvents } from '@prodigon/api-client';
import { AppError, type ChatRequest, estimateUsage, modelListSchema, usageReportSchema } from '@prodigon/contracts';
import { decodeAccount, decodeOutcome, decodeSource, INTERNAL_HEADERS, OUTCOME_TRAILER } from '@prodigon/platform';
import type { CallContext, ContentEvent, GenerationOutcome, ModelClient, ModelStream } from '@prodigon/ports';
import type { Exchange, ExchangeResponse } from './exchange.ts';
import { createServiceCaller, headerOf, type ServiceCaller } from './service-caller.ts';
import { wholeFrames } from './whole-frames.ts';

export interface RemoteModelClientOptions {
  exchange: Exchange;
  internalToken: string;
}

/** The model service in another process: throws what the one in this process would throw. */
export function createRemoteModelClient({ exchange, internalToken }: RemoteModelClientOptions): ModelClient {
  const service = createServiceCaller({ exchange, internalToken, title: 'model service', isRepeatable: true });

  /** A body to pass on as it is, and what was said about it. */
  async function answer(path: string, body: object, context: CallContext) {
    const response = await service.call({ method: 'POST', path, body, isWhole: true }, context);
    const account = decodeAccount(headerOf(response, INTERNAL_HEADERS.source));
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
  service: ServiceCaller;
  context: CallContext;
  startedAt: number;
}

function remoteStream(
  request: ChatRequest,
  response: ExchangeResponse,
  { service, context, startedAt }: RemoteStreamOptions,
): ModelStream {
  const { promise: outcome, resolve } = Promise.withResolvers<GenerationOutcome>();
  const source = decodeSource(headerOf(response, INTERNAL_HEADERS.source));
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
      for await (const frames of wholeFrames(body)) {
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
