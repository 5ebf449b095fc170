import {
  CHARACTERS_PER_TOKEN,
  type ChatRequest,
  type EmbeddingRequest,
  estimateUsage,
  maxOutputTokens,
} from '@prodigon/contracts';

/** What a request asks of the limits of its caller. */
export interface GenerationDemand {
  /** Estimates the tokens that the request will use. Null for a request that uses none itself. */
  readonly estimateTokens: (() => number) | null;
  readonly isStream: boolean;
}

/** Reserved for the output of a request without a maximum. */
const OUTPUT_TOKENS_DEFAULT = 1_000;

export function chatDemand(chat: ChatRequest, { isStream }: { isStream: boolean }): GenerationDemand {
  const outputTokens = () => (chat.n ?? 1) * (maxOutputTokens(chat) ?? OUTPUT_TOKENS_DEFAULT);
  return { estimateTokens: () => estimateUsage(chat, 0).prompt_tokens + Math.max(0, outputTokens()), isStream };
}

export function embeddingDemand({ input }: EmbeddingRequest): GenerationDemand {
  const inputs: readonly (string | number | readonly number[])[] = typeof input === 'string' ? [input] : input;
  const tokensOf = (each: string | number | readonly number[]): number => {
    if (typeof each === 'number') return 1;
    return typeof each === 'string' ? Math.ceil(each.length / CHARACTERS_PER_TOKEN) : each.length;
  };
  return { estimateTokens: () => inputs.reduce<number>((sum, each) => sum + tokensOf(each), 0), isStream: false };
}

/** A job is one request. Its items count towards budgets instead. */
export const JOB_DEMAND: GenerationDemand = { estimateTokens: null, isStream: false };
