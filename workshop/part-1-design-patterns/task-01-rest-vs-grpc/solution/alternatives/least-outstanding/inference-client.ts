import {
  type ClientReadableStream,
  credentials,
  type CallOptions as GrpcCallOptions,
  Metadata,
  type ServiceError,
  status,
} from '@grpc/grpc-js';
import { AppError, type ErrorCode } from '@prodigon/contracts';
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
} from './inference-port.ts';

/** Calls the model service of the platform over gRPC. */
export function createInferenceClient({ addresses, token, timeoutMs }: InferenceClientOptions): InferenceClient {
  // One channel for each replica. Each call takes the replica with the fewest calls in flight.
  const replicas = addresses.map((address) => createReplica(address));
  let turn = 0;

  /** Sorts the replicas by calls in flight. Replicas that are down come last, and equal ones take turns. */
  function orderReplicas(): Replica[] {
    turn += 1;
    const rotated = replicas.map((_, index) => replicas[(index + turn) % replicas.length] as Replica);
    return rotated.sort((left, right) => Number(left.isDown) - Number(right.isDown) || left.inFlight - right.inFlight);
  }

  const metadata = new Metadata();
  metadata.set('authorization', `Bearer ${token}`);

  // #region deadline
  function createCallOptions(options: CallOptions): GrpcCallOptions {
    return { deadline: Date.now() + (options.timeoutMs ?? timeoutMs) };
  }
  // #endregion

  /** Calls `attempt` on one replica after the other, until one does not fail with UNAVAILABLE. */
  async function tryReplicas<T>(attempt: (replica: Replica) => Promise<T>): Promise<T> {
    let failure: ServiceError | undefined;
    for (const replica of orderReplicas()) {
      replica.inFlight += 1;
      try {
        const result = await attempt(replica);
        replica.isDown = false;
        return result;
      } catch (error) {
        failure = error as ServiceError;
        // The model service also responds with this status to a call that it rejects. Another replica may accept the call.
        replica.isDown = failure.code === status.UNAVAILABLE;
        if (!replica.isDown) break;
      } finally {
        replica.inFlight -= 1;
      }
    }
    throw failure ?? new AppError('SERVICE_UNAVAILABLE');
  }

  return {
    generate: async (request, options = {}) => {
      const message = { request: { $case: 'prompt', value: toPrompt(request) } } as const;
      const { signal } = options;
      if (signal?.aborted) throw new AppError('CANCELLED');
      const callOptions = createCallOptions(options);
      try {
        return await tryReplicas(
          ({ client }) =>
            new Promise<InferenceResponse>((resolve, reject) => {
              const call = client.generate(message, metadata, callOptions, (error, response) => {
                signal?.removeEventListener('abort', cancel);
                if (error) reject(error);
                else resolve(toResponse(response));
              });
              const cancel = () => call.cancel();
              signal?.addEventListener('abort', cancel, { once: true });
            }),
        );
      } catch (error) {
        throw toAppError(error);
      }
    },

    async *stream(request, options = {}) {
      const message = { request: { $case: 'prompt', value: toPrompt(request) }, frameFormat: 0, generationId: '' } as const;
      const { signal } = options;
      if (signal?.aborted) throw new AppError('CANCELLED');
      const callOptions = createCallOptions(options);
      const calls = new Set<ClientReadableStream<GenerateStreamResponse>>();
      const cancel = () => {
        for (const call of calls) call.cancel();
      };
      signal?.addEventListener('abort', cancel, { once: true });
      try {
        // A stream may fail over to another replica only before its first message.
        const opened = await tryReplicas(async (replica) => {
          const call = replica.client.generateStream(message, metadata, callOptions);
          calls.add(call);
          const messages = call[Symbol.asyncIterator]();
          return { replica, messages, first: await messages.next() };
        });
        opened.replica.inFlight += 1;
        try {
          for (let next = opened.first; !next.done; next = await opened.messages.next()) {
            const { event } = next.value as GenerateStreamResponse;
            if (event?.$case === 'text') yield event.value;
          }
        } finally {
          opened.replica.inFlight -= 1;
        }
      } catch (error) {
        throw toAppError(error);
      } finally {
        signal?.removeEventListener('abort', cancel);
        cancel();
      }
    },

    close: () => {
      for (const { client } of replicas) client.close();
    },
  };
}

interface Replica {
  readonly client: InferenceServiceClient;
  inFlight: number;
  isDown: boolean;
}

function createReplica(address: string): Replica {
  const options = { 'grpc.use_local_subchannel_pool': 1 };
  return {
    client: new InferenceServiceClient(`ipv4:${address}`, credentials.createInsecure(), options),
    inFlight: 0,
    isDown: false,
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
function toAppError(thrown: unknown): AppError {
  if (thrown instanceof AppError) return thrown;
  const error = thrown as ServiceError;
  const code = CODES[error.code] ?? 'INTERNAL_ERROR';
  const retryAfterSeconds = Number(error.metadata?.get('retry-after')[0]);
  return new AppError(code, undefined, {
    cause: error,
    ...(Number.isFinite(retryAfterSeconds) && { retryAfterSeconds }),
  });
}
// #endregion
