import { credentials, Metadata, type ServiceError, status } from '@grpc/grpc-js';
import { AppError } from '@prodigon/contracts';
import {
  type GenerateResponse,
  type GenerateStreamResponse,
  InferenceServiceClient,
  type Prompt,
} from '@prodigon/contracts/grpc';
import type {
  CallOptions,
  InferenceClient,
  InferenceClientOptions,
  InferenceRequest,
  InferenceResponse,
} from '../starter/inference-port.ts';

type ErrorCode = ConstructorParameters<typeof AppError>[0];

const ERROR_CODES: ReadonlyMap<number, ErrorCode> = new Map<number, ErrorCode>([
  [status.UNAVAILABLE, 'SERVICE_UNAVAILABLE'],
  [status.RESOURCE_EXHAUSTED, 'RATE_LIMITED'],
  [status.DEADLINE_EXCEEDED, 'DEADLINE_EXCEEDED'],
  [status.INVALID_ARGUMENT, 'VALIDATION_ERROR'],
  [status.UNAUTHENTICATED, 'UNAUTHENTICATED'],
  [status.CANCELLED, 'CANCELLED'],
]);

const SERVICE_CONFIG = JSON.stringify({ loadBalancingConfig: [{ round_robin: {} }] });

/** Calls the model service of the platform over gRPC. Each wrong solution changes this client, which passes every check. */
export function createInferenceClient({ addresses, token, timeoutMs }: InferenceClientOptions): InferenceClient {
  // #region connect
  const client = new InferenceServiceClient(`ipv4:${addresses.join(',')}`, credentials.createInsecure(), {
    'grpc.service_config': SERVICE_CONFIG,
  });
  // #endregion

  function createMetadata(): Metadata {
    const metadata = new Metadata();
    metadata.set('authorization', `Bearer ${token}`);
    return metadata;
  }

  function toGrpcOptions(options?: CallOptions): { deadline: number } {
    return { deadline: Date.now() + (options?.timeoutMs ?? timeoutMs) };
  }

  return {
    generate: (request, options) =>
      new Promise((resolve, reject) => {
        const signal = options?.signal;
        if (signal?.aborted) {
          reject(new AppError('CANCELLED'));
          return;
        }
        const message = { request: { $case: 'prompt', value: toPrompt(request) } } as const;
        const call = client.generate(message, createMetadata(), toGrpcOptions(options), (error, response) => {
          signal?.removeEventListener('abort', cancel);
          if (error) {
            reject(toAppError(error));
            return;
          }
          try {
            resolve(toResponse(response));
          } catch (failure) {
            reject(failure);
          }
        });
        function cancel(): void {
          call.cancel();
        }
        signal?.addEventListener('abort', cancel, { once: true });
      }),

    async *stream(request, options) {
      const signal = options?.signal;
      if (signal?.aborted) throw new AppError('CANCELLED');
      const message = { request: { $case: 'prompt', value: toPrompt(request) }, frameFormat: 0, generationId: '' } as const;
      const call = client.generateStream(message, createMetadata(), toGrpcOptions(options));
      // The loop below reports errors. This listener is for the error that follows a cancellation.
      call.on('error', () => {});
      const cancel = () => call.cancel();
      signal?.addEventListener('abort', cancel, { once: true });
      try {
        for await (const { event } of call as AsyncIterable<GenerateStreamResponse>) {
          if (signal?.aborted) throw new AppError('CANCELLED');
          if (event?.$case === 'text') yield event.value;
        }
      } catch (error) {
        throw toAppError(error);
      } finally {
        signal?.removeEventListener('abort', cancel);
        call.cancel();
      }
    },

    close: () => client.close(),
  };
}

// #region prompt
function toPrompt({ model, messages, temperature, topP, maxTokens, seed }: InferenceRequest): Prompt {
  return {
    model,
    messages: messages.map(({ role, content }) => ({ role, content })),
    temperature,
    topP,
    maxTokens,
    seed,
    stop: [],
  };
}
// #endregion

function toResponse({ response }: GenerateResponse): InferenceResponse {
  if (response?.$case !== 'completion') throw new AppError('INTERNAL_ERROR');
  const { model, text, finishReason, usage } = response.value;
  return {
    model,
    text,
    finishReason,
    usage: { promptTokens: usage?.promptTokens ?? 0, completionTokens: usage?.completionTokens ?? 0 },
  };
}

function toAppError(error: unknown): AppError {
  if (error instanceof AppError) return error;
  const { code, metadata } = error as ServiceError;
  const retryAfterSeconds = toSeconds(metadata?.get('retry-after')[0]);
  const options = { cause: error, ...(retryAfterSeconds === undefined ? {} : { retryAfterSeconds }) };
  return new AppError(ERROR_CODES.get(code) ?? 'INTERNAL_ERROR', undefined, options);
}

function toSeconds(value: string | Buffer | undefined): number | undefined {
  if (value === undefined) return undefined;
  const seconds = Number(value.toString());
  return Number.isFinite(seconds) ? seconds : undefined;
}
