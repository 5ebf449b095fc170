import type { Answer } from './answer.ts';

/** The facts under an answer, in words; what was not measured is left out. */
export function factsOf({ model, finish, usage }: Answer): string[] {
  const facts: string[] = [];
  if (model) facts.push(model);
  if (finish) facts.push(`TTFT ${seconds(finish.ttft_ms)}`);
  if (usage) {
    const generating = finish ? finish.latency_ms - finish.ttft_ms : 0;
    if (usage.completion_tokens > 1 && generating > 0) {
      facts.push(`${rate((usage.completion_tokens - 1) / (generating / 1_000))} tok/s`);
    }
    facts.push(`${usage.completion_tokens.toLocaleString('en')} tokens${usage.estimated ? ' (estimated)' : ''}`);
  }
  return facts;
}

function seconds(milliseconds: number): string {
  return milliseconds < 1_000 ? `${Math.round(milliseconds)} ms` : `${(milliseconds / 1_000).toFixed(1)} s`;
}

function rate(perSecond: number): string {
  return perSecond < 10 ? perSecond.toFixed(1) : Math.round(perSecond).toLocaleString('en');
}
