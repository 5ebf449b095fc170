import { CHARACTERS_PER_TOKEN, type Model } from '@prodigon/contracts';

export interface JobEstimate {
  promptTokens: number;
  /** US dollars for the prompts; null when the price is unknown. */
  promptCost: number | null;
  /** US dollars if every response has the maximum length; null without a price or a maximum. */
  costMax: number | null;
}

interface JobSize {
  prompts: number;
  promptCharacters: number;
  systemPrompt: string;
  /** Null for the model's default. */
  maxTokens: number | null;
}

/** Estimates the tokens and the cost of a job from the length of its prompts. */
export function estimateJob(
  { prompts, promptCharacters, systemPrompt, maxTokens }: JobSize,
  model: Pick<Model, 'price'> | undefined,
): JobEstimate {
  const promptTokens = Math.ceil((promptCharacters + prompts * systemPrompt.length) / CHARACTERS_PER_TOKEN);
  const price = model?.price;
  if (!price) return { promptTokens, promptCost: null, costMax: null };
  const promptCost = (promptTokens * price.input) / 1_000_000;
  const costMax = maxTokens === null ? null : promptCost + (prompts * maxTokens * price.output) / 1_000_000;
  return { promptTokens, promptCost, costMax };
}
