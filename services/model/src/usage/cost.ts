import type { Price, Usage } from '@prodigon/contracts';

/** What an answer cost in US dollars; null when the price is not known. */
export function costOf(usage: Usage, { price, isFree }: { price: Price | undefined; isFree: boolean }): number | null {
  if (isFree) return 0;
  if (!price) return null;
  const cached = Math.min(usage.prompt_tokens_details?.cached_tokens ?? 0, usage.prompt_tokens);
  const input = (usage.prompt_tokens - cached) * price.input + cached * (price.cached_input ?? price.input);
  return (input + usage.completion_tokens * price.output) / 1e6;
}
