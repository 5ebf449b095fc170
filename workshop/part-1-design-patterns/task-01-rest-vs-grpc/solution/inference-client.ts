import { credentials, type CallOptions as GrpcCallOptions, Metadata, type ServiceError, status } from '@grpc/grpc-js';
import { AppError, type ErrorCode } from '@prodigon/contracts';
import { type GenerateResponse, InferenceServiceClient, type Prompt } from '@prodigon/contracts/grpc';
import type {
  CallOptions,
  InferenceClient,
  InferenceClientOptions,
  InferenceRequest,
  InferenceResponse,
} from './inference-port.ts';

/** Calls the model service of the platform over gRPC. */
export function createInferenceClient({ addresses, token, timeoutMs }: InferenceClientOptions): InferenceClient {
  // #region client
  // One channel for all calls. It keeps a connection to each replica, and sends calls to them in turn.
  const client = new InferenceServiceClient(`ipv4:${addresses.join(',')}`, credentials.createInsecure(), {
    'grpc.service_config': JSON.stringify({ loadBalancingConfig: [{ round_robin: {} }] }),
    // This client does not share its connections with others, so that `close` closes them.
    'grpc.use_local_subchannel_pool': 1,
  });
  // #endregion
  const metadata = new Metadata();
  metadata.set('authorization', `Bearer ${token}`);

  // #region deadline
  function createCallOptions(options: CallOptions): GrpcCallOptions {
    return { deadline: Date.now() + (options.timeoutMs ?? timeoutMs) };
  }
  // #endregion

  return {
    generate: (request, options = {}) =>
      new Promise((resolve, reject) => {
        const { signal } = options;
        if (signal?.aborted) return reject(new AppError('CANCELLED'));
        const message = { request: { $case: 'prompt', value: toPrompt(request) } } as const;
        const call = client.generate(message, metadata, createCallOptions(options), (error, response) => {
          signal?.removeEventListener('abort', cancel);
          if (error) reject(toAppError(error));
          else resolve(toResponse(response));
        });
        const cancel = () => call.cancel();
        signal?.addEventListener('abort', cancel, { once: true });
      }),

    // #region stream
    async *stream(request, options = {}) {
      const { signal } = options;
      if (signal?.aborted) throw new AppError('CANCELLED');
      const message = { request: { $case: 'prompt', value: toPrompt(request) }, frameFormat: 0, generationId: '' } as const;
      const call = client.generateStream(message, metadata, createCallOptions(options));
      const cancel = () => call.cancel();
      signal?.addEventListener('abort', cancel, { once: true });
      try {
        // The iterator reads a message only when the loop asks for one, so that the server waits for a slow reader.
        for await (const { event } of call) if (event?.$case === 'text') yield event.value;
      } catch (error) {
        throw toAppError(error as ServiceError);
      } finally {
        signal?.removeEventListener('abort', cancel);
        // Cancels the call when the caller leaves its loop. A finished call ignores it.
        call.cancel();
      }
    },
    // #endregion

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

// #region errors
const CODES: Readonly<Partial<Record<status, ErrorCode>>> = {
  [status.UNAVAILABLE]: 'SERVICE_UNAVAILABLE',
  [status.RESOURCE_EXHAUSTED]: 'RATE_LIMITED',
  [status.DEADLINE_EXCEEDED]: 'DEADLINE_EXCEEDED',
  [status.INVALID_ARGUMENT]: 'VALIDATION_ERROR',
  [status.UNAUTHENTICATED]: 'UNAUTHENTICATED',
  [status.CANCELLED]: 'CANCELLED',
};

/** Maps a status to an error code. Its details may name hosts and files, so they are only in the cause. */
function toAppError(error: ServiceError): AppError {
  const code = CODES[error.code] ?? 'INTERNAL_ERROR';
  const retryAfterSeconds = Number(error.metadata?.get('retry-after')[0]);
  return new AppError(code, undefined, {
    cause: error,
    ...(Number.isFinite(retryAfterSeconds) && { retryAfterSeconds }),
  });
}
// #endregion
