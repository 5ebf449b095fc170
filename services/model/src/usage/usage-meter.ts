import type { Usage } from '@prodigon/contracts';
import type { Metrics } from '@prodigon/platform';
import type { CallContext, GenerationOutcome, UsageRecord } from '@prodigon/ports';
import type { Target } from '../inference/target.ts';
import { costOf } from './cost.ts';
import type { UsageRecorder } from './usage-recorder.ts';

/** A request that is over, however it ended. */
export interface EndedRequest {
  readonly target: Target;
  readonly context: CallContext;
  readonly kind: UsageRecord['kind'];
  readonly status: GenerationOutcome['status'];
  readonly usage: Usage;
  readonly estimated: boolean;
  /** How often a provider was called. */
  readonly attempts: number;
  readonly ttftMs: number | null;
  /** On the clock of `performance.now()`. */
  readonly startedAt: number;
}

/** Counts a request in metrics and usage. Returns what it cost in US dollars, or null when the price is not known. */
export type RequestCounter = (request: EndedRequest) => number | null;

export function createRequestCounter({
  metrics,
  usage: recorder,
}: {
  metrics: Metrics;
  usage: Pick<UsageRecorder, 'add'>;
}): RequestCounter {
  return ({ target, context, kind, status, usage, estimated, attempts, ttftMs, startedAt }) => {
    const { provider, label: model, id, offline, facts } = target;
    const costUsd = costOf(usage, { price: facts.price, isFree: offline });
    metrics.generations.inc({ provider, model, status });
    metrics.tokens.inc({ provider, model, direction: 'prompt' }, usage.prompt_tokens);
    metrics.tokens.inc({ provider, model, direction: 'completion' }, usage.completion_tokens);
    if (ttftMs !== null) metrics.timeToFirstToken.observe({ provider, model }, ttftMs / 1_000);
    recorder.add({
      ownerId: context.principal.id,
      requestId: context.requestId,
      kind,
      provider,
      model: id,
      status,
      promptTokens: usage.prompt_tokens,
      completionTokens: usage.completion_tokens,
      estimated,
      costUsd,
      attempts,
      ttftMs,
      latencyMs: performance.now() - startedAt,
    });
    return costUsd;
  };
}
