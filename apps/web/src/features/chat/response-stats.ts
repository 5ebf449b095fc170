import { formatCount, formatCountOf, formatDollars } from '../../design/format.ts';
import type { Answer } from './answer.ts';

/** The facts under an answer, in words; what was not measured is left out, and so is what an older version did not keep. */
export function factsOf({ model, finish, usage }: Answer): string[] {
  const facts: string[] = [];
  if (model) facts.push(model);
  if (finish) facts.push(`TTFT ${seconds(finish.ttft_ms)}`);
  if (usage) {
    const generating = finish ? finish.latency_ms - finish.ttft_ms : 0;
    if (usage.completion_tokens > 1 && generating > 0) {
      facts.push(`${rate((usage.completion_tokens - 1) / (generating / 1_000))} tok/s`);
    }
    facts.push(`${formatCount(usage.completion_tokens)} tokens${usage.estimated ? ' (estimated)' : ''}`);
    if (typeof usage.cost_usd === 'number') facts.push(costWords(usage.cost_usd, usage.estimated));
  }
  if (finish && finish.attempts > 1) facts.push(formatCountOf(finish.attempts, 'attempt'));
  return facts;
}

function costWords(dollars: number, isEstimated: boolean): string {
  if (dollars === 0) return 'free';
  return isEstimated ? `about ${formatDollars(dollars)}` : formatDollars(dollars);
}

function seconds(milliseconds: number): string {
  return milliseconds < 1_000 ? `${Math.round(milliseconds)} ms` : `${(milliseconds / 1_000).toFixed(1)} s`;
}

function rate(perSecond: number): string {
  return perSecond < 10 ? perSecond.toFixed(1) : formatCount(Math.round(perSecond));
}
