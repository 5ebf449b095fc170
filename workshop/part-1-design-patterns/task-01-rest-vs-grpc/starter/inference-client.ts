import { credentials, Metadata, type ServiceError } from '@grpc/grpc-js';
import { AppError } from '@prodigon/contracts';
import { type GenerateResponse, InferenceServiceClient, type Prompt } from '@prodigon/contracts/grpc';
import type { InferenceClient, InferenceClientOptions, InferenceRequest, InferenceResponse } from './inference-port.ts';

/** Calls the model service of the platform over gRPC. */
export function createInferenceClient({ addresses, token }: InferenceClientOptions): InferenceClient {
  const target = `ipv4:${addresses.join(',')}`;

  // #region connect
  function connect(): InferenceServiceClient {
    return new InferenceServiceClient(target, credentials.createInsecure());
  }
  // #endregion

  function createMetadata(): Metadata {
    const metadata = new Metadata();
    metadata.set('authorization', `Bearer ${token}`);
    return metadata;
  }

  return {
    generate: (request) =>
      new Promise((resolve, reject) => {
        const message = { request: { $case: 'prompt', value: toPrompt(request) } } as const;
        connect().generate(message, createMetadata(), (error, response) => {
          if (error) reject(toAppError(error));
          else resolve(toResponse(response));
        });
      }),

    async *stream(request) {
      const message = { request: { $case: 'prompt', value: toPrompt(request) }, frameFormat: 0, generationId: '' } as const;
      const call = connect().generateStream(message, createMetadata());
      const parts: string[] = [];
      let isEnded = false;
      let failure: AppError | undefined;
      let wake = () => {};
      call.on('data', ({ event }) => {
        if (event?.$case === 'text') parts.push(event.value);
        wake();
      });
      call.on('error', (error: ServiceError) => {
        failure = toAppError(error);
        wake();
      });
      call.on('end', () => {
        isEnded = true;
        wake();
      });
      for (;;) {
        const part = parts.shift();
        if (part !== undefined) yield part;
        else if (failure) throw failure;
        else if (isEnded) return;
        else
          await new Promise<void>((resolve) => {
            wake = resolve;
          });
      }
    },

    close: () => {},
  };
}

// #region prompt
function toPrompt({ model, messages, temperature, topP, maxTokens, seed }: InferenceRequest): Prompt {
  return {
    model,
    messages: messages.map(({ role, content }) => ({ role, content })),
    temperature: temperature || 0.7,
    topP: topP || 1,
    maxTokens: maxTokens || 256,
    seed: seed || undefined,
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

function toAppError(error: ServiceError): AppError {
  return new AppError('INTERNAL_ERROR', error.details, { cause: error });
}
