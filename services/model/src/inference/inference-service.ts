import { AppError, bareModelId, type ChatRequest, estimateUsage } from '@prodigon/contracts';
import type { Metrics } from '@prodigon/platform';
import {
  abortReason,
  type CallContext,
  type Completion,
  type GenerationOutcome,
  type ModelClient,
  type StreamOptions,
} from '@prodigon/ports';
import type { ModelDirectory } from './model-directory.ts';
import { openStream } from './open-stream.ts';
import type { InferenceTimeouts } from './timeouts.ts';

export interface InferenceDependencies {
  directory: ModelDirectory;
  timeouts: InferenceTimeouts;
  metrics: Metrics;
}

/** Answers with whichever provider has the model, and counts what was used. */
export function createInferenceService({ directory, timeouts, metrics }: InferenceDependencies): ModelClient {
  function count(
    provider: string,
    model: string,
    { status, usage, timings }: Pick<GenerationOutcome, 'status' | 'usage' | 'timings'>,
  ): void {
    metrics.generations.inc({ provider, model, status });
    metrics.tokens.inc({ provider, model, direction: 'prompt' }, usage.prompt_tokens);
    metrics.tokens.inc({ provider, model, direction: 'completion' }, usage.completion_tokens);
    if (timings.ttftMs !== null) metrics.timeToFirstToken.observe({ provider, model }, timings.ttftMs / 1_000);
  }

  return {
    async complete(request, context): Promise<Completion> {
      const { provider, model, label } = await resolve(request);
      const startedAt = performance.now();
      const done = (status: GenerationOutcome['status'], usage: GenerationOutcome['usage']) =>
        count(provider.name, label, { status, usage, timings: { ttftMs: null, totalMs: performance.now() - startedAt } });
      try {
        const { text, finish, usage } = await provider.complete({ ...request, model }, context);
        const used = usage ?? estimateUsage(request, text.length);
        done('completed', used);
        return {
          model: bareModelId(model),
          provider: provider.name,
          text,
          finish,
          usage: used,
          estimated: usage === null,
          costUsd: provider.offline ? 0 : null,
        };
      } catch (thrown) {
        const error = context.signal.aborted ? abortReason(context.signal) : AppError.from(thrown);
        done(error.code === 'CANCELLED' ? 'cancelled' : 'failed', estimateUsage(request, 0));
        throw error;
      }
    },

    async stream(request: ChatRequest, context: CallContext, options: StreamOptions) {
      const { provider, model, label } = await resolve(request);
      return openStream({ ...request, model }, context, {
        ...options,
        provider,
        model: bareModelId(model),
        timeouts,
        onOutcome: (outcome) => count(provider.name, label, outcome),
      });
    },

    models: () => directory.list(),
  };

  async function resolve(request: ChatRequest) {
    const { provider, model, isListed } = await directory.resolve(request.model);
    // A label for each id that somebody makes up would grow without a bound.
    return { provider, model, label: isListed ? bareModelId(model) : 'other' };
  }
}
