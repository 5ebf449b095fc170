import {
  AppError,
  type ChatRequest,
  completionText,
  estimateUsage,
  modelListSchema,
  usageReportSchema,
} from '@prodigon/contracts';
import {
  decodeOutcome,
  decodeResponseMetadata,
  decodeResponseSummary,
  INTERNAL_HEADERS,
  OUTCOME_TRAILER,
  splitAtFrameBoundary,
} from '@prodigon/platform';
import type { CallContext, ContentEvent, GenerationOutcome, ModelClient, ModelStream } from '@prodigon/ports';
import { createServiceRequester, headerOf, type ServiceRequester } from './service-request.ts';
import type { Transport, TransportResponse } from './transport.ts';

export interface RemoteModelClientOptions {
  readonly transport: Transport;
  readonly internalToken: string;
}

/** Creates a client of a model service in another process. It throws the errors that an in-process service throws. */
export function createRemoteModelClient({ transport, internalToken }: RemoteModelClientOptions): ModelClient {
  const service = createServiceRequester({ transport, internalToken, title: 'model service', isRetryable: true });

  async function unary(path: string, request: object, context: CallContext) {
    const response = await service.send({ method: 'POST', path, body: request, isUnary: true }, context);
    const summary = decodeResponseSummary(headerOf(response, INTERNAL_HEADERS.metadata));
    return { summary, body: await service.text(response, context) };
  }

  return {
    async models(context) {
      return modelListSchema.parse(await service.json({ method: 'GET', path: '/internal/v1/models' }, context));
    },
    async usage(selection, context) {
      const given = Object.entries(selection).filter(([, value]) => value !== undefined);
      const query = new URLSearchParams(Object.fromEntries(given));
      return usageReportSchema.parse(await service.json({ method: 'GET', path: `/internal/v1/usage?${query}` }, context));
    },
    async complete(request, context) {
      const { body, summary } = await unary('/internal/v1/chat', request, context);
      const { finish = 'stop', ...rest } = summary;
      return {
        ...rest,
        finish,
        body,
        get text() {
          return completionText(body);
        },
      };
    },
    async embed(request, context) {
      const { body, summary } = await unary('/internal/v1/embeddings', request, context);
      return { ...summary, body };
    },
    async stream(request, context, { format, generationId }) {
      const startedAt = performance.now();
      const headers = { [INTERNAL_HEADERS.streamFormat]: format, [INTERNAL_HEADERS.generationId]: generationId };
      const response = await service.send({ method: 'POST', path: '/internal/v1/chat/stream', body: request, headers }, context);
      return createRemoteStream(request, response, { service, context, startedAt });
    },
  };
}

interface RemoteStreamOptions {
  readonly service: ServiceRequester;
  readonly context: CallContext;
  readonly startedAt: number;
}

function createRemoteStream(
  request: ChatRequest,
  response: TransportResponse,
  { service, context, startedAt }: RemoteStreamOptions,
): ModelStream {
  const { promise: outcome, resolve } = Promise.withResolvers<GenerationOutcome>();
  const metadata = decodeResponseMetadata(headerOf(response, INTERNAL_HEADERS.metadata));
  // Destructuring releases the headers while the stream runs.
  const { body, trailers } = response;
  const ttftMs = performance.now() - startedAt;
  let bytesRead = 0;

  /** Returns the outcome of a stream that ended without its trailer. */
  function estimateOutcome(error: AppError): GenerationOutcome {
    return {
      status: error.code === 'CANCELLED' ? 'cancelled' : 'failed',
      finish: null,
      usage: estimateUsage(request, (bytesRead / FRAME_BYTES) * 4),
      estimated: true,
      // Only the model service knows the model of the response, and therefore its price.
      costUsd: null,
      timings: { ttftMs, totalMs: performance.now() - startedAt },
      sequence: 0,
      error,
    };
  }

  async function* bytes(): AsyncGenerator<Uint8Array> {
    // Stays false when the reader stops early, which ends this generator at its `yield`.
    let isComplete = false;
    let failure: AppError | undefined;
    try {
      for await (const frames of splitAtFrameBoundary(body)) {
        bytesRead += frames.length;
        yield frames;
      }
      isComplete = true;
    } catch (cause) {
      failure = service.interruptionError(context, cause);
    } finally {
      const reported = isComplete ? decodeOutcome(trailers()[OUTCOME_TRAILER]) : undefined;
      if (!reported) failure ??= isComplete ? service.interruptionError(context) : new AppError('CANCELLED');
      resolve(reported ?? estimateOutcome(failure as AppError));
    }
    const { error } = await outcome;
    if (error) throw error;
  }

  return {
    ...metadata,
    outcome,
    bytes,
    async *events() {
      for await (const frames of bytes()) {
        // The chunks contain complete frames, so no character is split between two of them.
        const text = Buffer.from(frames.buffer, frames.byteOffset, frames.byteLength).toString('utf8');
        for (const frame of text.split('\n\n')) {
          if (frame !== '') yield JSON.parse(frame.slice(DATA_FIELD.length)) as ContentEvent;
        }
      }
    },
  };
}

/** The start of a frame in the format `content`. */
const DATA_FIELD = 'data: ';

/** The usual length of one token's frame: its text, id and framing. */
const FRAME_BYTES = 80;
