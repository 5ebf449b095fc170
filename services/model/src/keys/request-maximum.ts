import { type ChatRequest, type EmbeddingRequest, maxOutputTokens } from '@prodigon/contracts';
import type { Target } from '../inference/model-catalog.ts';

/** The most that one request can use, independent of the model. */
export interface RequestSize {
  readonly promptTokens: number;
  readonly choices: number;
  /** The limit in the request; undefined without one. */
  readonly outputTokens: number | undefined;
}

/** Tokens that a chat template or a hidden system prompt adds to a request. */
const TEMPLATE_TOKENS = 256;
/** More than any image costs at OpenAI, 48,169 tokens for the largest one with gpt-4o-mini. */
const IMAGE_TOKENS = 50_000;
/** The output of a model without metadata. */
const UNKNOWN_OUTPUT_TOKENS = 131_072;

/**
 * Returns the size of a chat. A token of a byte-level tokenizer covers at least one byte of UTF-8, and JSON has at least one
 * byte for each special token between messages, so that no text has more tokens than its JSON has bytes.
 */
export function sizeOfChat(request: ChatRequest): RequestSize {
  let images = 0;
  const json = JSON.stringify(request, (key, value) => {
    if (key !== 'image_url') return value;
    images += 1;
    return undefined;
  });
  const limit = maxOutputTokens(request);
  return {
    promptTokens: Buffer.byteLength(json) + images * IMAGE_TOKENS + TEMPLATE_TOKENS,
    choices: Math.max(1, request.n ?? 1),
    // Some servers read a limit below 1 as no limit.
    outputTokens: limit !== undefined && limit > 0 ? limit : undefined,
  };
}

/** Returns the size of a request for embeddings, which have no output. */
export function sizeOfEmbedding({ input }: EmbeddingRequest): RequestSize {
  const sizeOf = (each: string | number) => (typeof each === 'number' ? 1 : Buffer.byteLength(each) + TEMPLATE_TOKENS);
  return { promptTokens: [input].flat(2).reduce<number>((sum, each) => sum + sizeOf(each), 0), choices: 1, outputTokens: 0 };
}

/** Returns the most that a request can use with any of its models. US dollars are zero for free models and unknown prices. */
export function maximumOf(size: RequestSize, targets: readonly Target[]): { tokensMax: number; usdMax: number } {
  const maxima = targets.map(({ metadata, offline }) => {
    const { outputTokensMax, contextTokens, price } = metadata;
    const outputTokens = size.outputTokens ?? outputTokensMax ?? contextTokens ?? UNKNOWN_OUTPUT_TOKENS;
    const completionTokens = outputTokens * size.choices;
    const usd = offline || !price ? 0 : (size.promptTokens * price.input + completionTokens * price.output) / 1e6;
    return { tokens: size.promptTokens + completionTokens, usd };
  });
  return { tokensMax: Math.max(...maxima.map(({ tokens }) => tokens)), usdMax: Math.max(...maxima.map(({ usd }) => usd)) };
}
