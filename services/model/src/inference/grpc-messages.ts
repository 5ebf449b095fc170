import { AppError, type ChatRequest, type EmbeddingRequest, type ModelList, type Usage } from '@prodigon/contracts';
import type * as rpc from '@prodigon/contracts/grpc';
import type { Completion, ContentEvent, Embeddings, GenerationOutcome } from '@prodigon/ports';

/** Returns the OpenAI request for a prompt. Fields that are absent are not sent to the provider. */
export function toChatRequest({ model, messages, temperature, topP, maxTokens, seed, stop, ...rest }: rpc.Prompt): unknown {
  const { presencePenalty, frequencyPenalty } = rest;
  const fields = {
    model,
    messages: messages.map(({ role, content }) => ({ role, content })),
    temperature,
    top_p: topP,
    max_tokens: maxTokens,
    seed,
    stop: stop.length > 0 ? stop : undefined,
    presence_penalty: presencePenalty,
    frequency_penalty: frequencyPenalty,
  } satisfies { [Field in keyof ChatRequest]?: unknown };
  return withoutUndefined(fields);
}

export function toEmbeddingRequest({ model, texts, dimensions }: rpc.Texts): unknown {
  return withoutUndefined({ model, input: texts, dimensions } satisfies { [Field in keyof EmbeddingRequest]?: unknown });
}

function withoutUndefined(fields: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
}

export function toCompletion({ model, text, finish, ...rest }: Completion): rpc.Completion {
  return { model, text, finishReason: finish, usage: toUsage(rest) };
}

export function toEmbeddings({ model, body, ...rest }: Embeddings): rpc.Embeddings {
  const { data } = JSON.parse(body) as { data: readonly { readonly embedding: number[] }[] };
  return { model, embeddings: data.map(({ embedding }) => ({ values: embedding })), usage: toUsage(rest) };
}

/** Returns undefined for content that the typed form does not have, such as tool calls: its requests have no tools. */
export function toStreamResponse(event: ContentEvent): rpc.GenerateStreamResponse | undefined {
  switch (event.type) {
    case 'text':
    case 'reasoning':
    case 'refusal':
      return { event: { $case: event.type, value: event.text } };
    default:
      return undefined;
  }
}

export function toCompleted(model: string, { finish, ...rest }: GenerationOutcome): rpc.GenerateStreamResponse {
  return { event: { $case: 'completed', value: { model, finishReason: finish ?? '', usage: toUsage(rest) } } };
}

interface MeasuredUsage {
  readonly usage: Usage;
  readonly estimated: boolean;
  readonly costUsd: number | null;
}

function toUsage({ usage, estimated, costUsd }: MeasuredUsage): rpc.Usage {
  const { prompt_tokens, completion_tokens, total_tokens } = usage;
  return {
    promptTokens: prompt_tokens,
    completionTokens: completion_tokens,
    totalTokens: total_tokens,
    estimated,
    costUsd: costUsd ?? undefined,
  };
}

export function toModelList({ default_model, models }: ModelList): rpc.ModelList {
  return {
    defaultModel: default_model ?? undefined,
    models: models.map(({ id, provider, kind, aliases, context_tokens, output_tokens_max }) => ({
      id,
      provider,
      kind,
      aliases,
      contextTokens: context_tokens ?? undefined,
      outputTokensMax: output_tokens_max ?? undefined,
    })),
  };
}

/** Returns the error for a request without any of its forms. */
export const emptyRequestError = (): AppError => new AppError('BAD_REQUEST', 'The request is empty: set one of its forms.');
