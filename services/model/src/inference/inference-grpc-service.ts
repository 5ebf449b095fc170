import { chatRequestSchema, embeddingRequestSchema } from '@prodigon/contracts';
import { FrameFormat, type InferenceServiceServer, InferenceServiceService } from '@prodigon/contracts/grpc';
import {
  type ByteBudget,
  encodeOutcome,
  encodeResponseMetadata,
  encodeResponseSummary,
  INTERNAL_HEADERS,
  OUTCOME_TRAILER,
  parseInput,
  parseInternalJson,
  stringifyJson,
  UNCOUNTED_BYTES,
  validationError,
} from '@prodigon/platform';
import type { GrpcCall, GrpcCallHandlers, GrpcService } from '@prodigon/platform/grpc';
import type { Completion, Embeddings, ModelClient, ModelStream, ResponseMetadata, StreamFormat } from '@prodigon/ports';
import { generationIdSchema } from './generation-id.ts';
import {
  emptyRequestError,
  toChatRequest,
  toCompleted,
  toCompletion,
  toEmbeddingRequest,
  toEmbeddings,
  toModelList,
  toStreamResponse,
} from './grpc-messages.ts';

export interface InferenceGrpcOptions {
  readonly client: ModelClient;
  readonly calls: GrpcCallHandlers;
  /** The bytes of all request bodies in flight. */
  readonly bodyBudget: ByteBudget;
}

const FORMATS: Readonly<Record<number, StreamFormat>> = {
  [FrameFormat.FRAME_FORMAT_TOKENS]: 'tokens',
  [FrameFormat.FRAME_FORMAT_EVENTS]: 'events',
  [FrameFormat.FRAME_FORMAT_CHUNKS]: 'chunks',
  [FrameFormat.FRAME_FORMAT_CONTENT]: 'content',
};

/** Serves the model client over gRPC to other services. */
export function createInferenceGrpcService({ client, calls, bodyBudget }: InferenceGrpcOptions): GrpcService {
  async function parseBytes(bytes: Buffer, call: GrpcCall): Promise<unknown> {
    if (bytes.length > UNCOUNTED_BYTES) {
      const share = bodyBudget.open();
      call.onClosed(share.close);
      const excess = share.add(bytes.length);
      if (excess) throw excess;
    }
    return parseInternalJson(bytes);
  }

  const implementation: InferenceServiceServer = {
    generate: calls.unary(async ({ request }, call) => {
      if (!request) throw emptyRequestError();
      const isTyped = request.$case === 'prompt';
      const body = isTyped ? toChatRequest(request.value) : await parseBytes(request.value, call);
      const completion = await client.complete(parseInput(chatRequestSchema, body), call.context);
      const { text: _, choice: _choice, ...rest } = completion;
      sendSummary(call, rest);
      if (isTyped) return { response: { $case: 'completion', value: toCompletion(completion) } };
      return { response: { $case: 'openaiResponse', value: Buffer.from(completion.body) } };
    }),

    embed: calls.unary(async ({ request }, call) => {
      if (!request) throw emptyRequestError();
      const isTyped = request.$case === 'texts';
      const body = isTyped ? toEmbeddingRequest(request.value) : await parseBytes(request.value, call);
      const embeddings = await client.embed(parseInput(embeddingRequestSchema, body), call.context);
      sendSummary(call, embeddings);
      if (isTyped) return { response: { $case: 'embeddings', value: toEmbeddings(embeddings) } };
      return { response: { $case: 'openaiResponse', value: Buffer.from(embeddings.body) } };
    }),

    listModels: calls.unary(async ({ asJson }, call) => {
      const models = await client.models(call.context);
      if (!asJson) return { response: { $case: 'modelList', value: toModelList(models) } };
      return { response: { $case: 'jsonResponse', value: Buffer.from(await stringifyJson(models)) } };
    }),

    generateStream: calls.serverStream(async ({ request, frameFormat, generationId }, call, write) => {
      if (!request) throw emptyRequestError();
      const isTyped = request.$case === 'prompt';
      const format = isTyped ? 'content' : FORMATS[frameFormat];
      if (!format) throw validationError([{ path: 'frame_format', message: 'Required with openai_request' }]);
      const body = isTyped ? toChatRequest(request.value) : await parseBytes(request.value, call);
      const stream = await client.stream(parseInput(chatRequestSchema, body), call.context, {
        format,
        generationId: isTyped ? call.context.requestId : parseInput(generationIdSchema, generationId),
      });
      recordMetadata(call, stream);
      call.sendHeaders({ [INTERNAL_HEADERS.metadata]: encodeResponseMetadata(stream) });
      try {
        if (isTyped) {
          for await (const event of stream.events()) {
            const message = toStreamResponse(event);
            const caughtUp = message && write(message);
            if (caughtUp) await caughtUp;
          }
        } else {
          for await (const bytes of stream.bytes()) {
            // An unconditional `await` would cost every token a turn of the event loop.
            const caughtUp = write({ event: { $case: 'frames', value: bytes as Buffer } });
            if (caughtUp) await caughtUp;
          }
        }
      } catch {
        // The outcome has the error.
      }
      const outcome = await stream.outcome;
      Object.assign(call.record, {
        outcome: outcome.status,
        finish: outcome.finish,
        usage: outcome.usage,
        cost_usd: outcome.costUsd,
        ttft_ms: outcome.timings.ttftMs,
      });
      if (isTyped && !outcome.error) write(toCompleted(stream.model, outcome));
      return { trailers: { [OUTCOME_TRAILER]: encodeOutcome(outcome) }, failure: outcome.error };
    }),
  };
  return { definition: InferenceServiceService, implementation };
}

function sendSummary(call: GrpcCall, response: Omit<Completion, 'text' | 'choice'> | Embeddings): void {
  recordMetadata(call, response);
  Object.assign(call.record, { usage: response.usage, cost_usd: response.costUsd });
  call.sendHeaders({ [INTERNAL_HEADERS.metadata]: encodeResponseSummary(response) });
}

function recordMetadata(call: GrpcCall, { provider, model, attempts, warning }: ResponseMetadata | ModelStream): void {
  Object.assign(call.record, { provider, model, attempts: attempts.length, ...(warning && { warning }) });
}
