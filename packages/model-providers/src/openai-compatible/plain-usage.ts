import type { Usage } from '@prodigon/contracts';

/** A usage whose counts are all there and nothing but counts, as the schema would read it; null for any other. */
export function plainUsageOf(value: unknown): Usage | null {
  if (typeof value !== 'object' || value === null) return null;
  const { prompt_tokens, completion_tokens, total_tokens, prompt_tokens_details, completion_tokens_details } = value as Record<
    string,
    unknown
  >;
  if (!isCount(prompt_tokens) || !isCount(completion_tokens) || !isCount(total_tokens)) return null;
  const cached_tokens = detailOf(prompt_tokens_details, 'cached_tokens');
  const reasoning_tokens = detailOf(completion_tokens_details, 'reasoning_tokens');
  if (cached_tokens === null || reasoning_tokens === null) return null;
  return {
    prompt_tokens,
    completion_tokens,
    total_tokens,
    ...(cached_tokens > 0 && { prompt_tokens_details: { cached_tokens } }),
    ...(reasoning_tokens > 0 && { completion_tokens_details: { reasoning_tokens } }),
  };
}

/** 0 where nothing is said; null for what is no count. */
function detailOf(details: unknown, name: string): number | null {
  if (details === undefined || details === null) return 0;
  if (typeof details !== 'object') return null;
  const count = (details as Record<string, unknown>)[name] ?? 0;
  return isCount(count) ? count : null;
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}
