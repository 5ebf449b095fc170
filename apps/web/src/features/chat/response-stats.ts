import { formatCountOf, formatDollars, formatLatency, formatRate } from '../../design/format.ts';
import type { ChatResponse } from './state/chat-response.ts';

/** Rates of fewer tokens or of a shorter time measure the network, not the model. */
const RATED_TOKENS_MIN = 20;
const RATED_MS_MIN = 300;

/**
 * The statistics under a response, ready to display. Values are omitted if they were not measured or if
 * an older version did not save them.
 */
export function responseStats({ model, ttftMs, latencyMs, attempts, usage }: ChatResponse): string[] {
  const stats: string[] = [];
  if (model) stats.push(model);
  if (ttftMs !== null) stats.push(`first token after ${formatLatency(ttftMs)}`);
  if (usage) {
    const generationMs = latencyMs !== null && ttftMs !== null ? latencyMs - ttftMs : 0;
    if (usage.completion_tokens >= RATED_TOKENS_MIN && generationMs >= RATED_MS_MIN) {
      stats.push(`${formatRate((usage.completion_tokens - 1) / (generationMs / 1_000))} tok/s`);
    }
    stats.push(`${formatCountOf(usage.completion_tokens, 'token')}${usage.estimated ? ' (estimated)' : ''}`);
    if (typeof usage.cost_usd === 'number') stats.push(costLabel(usage.cost_usd, usage.estimated));
  }
  if (attempts !== null && attempts > 1) stats.push(formatCountOf(attempts, 'attempt'));
  return stats;
}

function costLabel(dollars: number, isEstimated: boolean): string {
  if (dollars === 0) return 'free';
  return isEstimated ? `about ${formatDollars(dollars)}` : formatDollars(dollars);
}
