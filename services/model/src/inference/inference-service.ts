import { AppError, type ChatRequest, type EmbeddingRequest, estimateUsage, type Usage } from '@prodigon/contracts';
import {
  abortReason,
  type CallContext,
  type Completion,
  type Embeddings,
  type GenerationOutcome,
  type ModelClient,
  type ModelStream,
  type ResponseMetadata,
  type StreamOptions,
} from '@prodigon/ports';
import type { EndedRequest, RequestCounter } from '../usage/usage-meter.ts';
import { createCompletionBody } from './completion-body.ts';
import { estimateEmbeddingUsage } from './embedding-usage.ts';
import type { ModelDirectory, Resolution } from './model-catalog.ts';
import { openStream } from './open-stream.ts';
import type { Answered, AttemptLoop, CallOnce } from './retry-loop.ts';
import { createFrameEncoder } from './sse-encoder.ts';
import type { Target } from './target.ts';
import type { InferenceTimeouts } from './timeouts.ts';

export interface InferenceDependencies {
  directory: ModelDirectory;
  attempt: AttemptLoop;
  timeouts: InferenceTimeouts;
  count: RequestCounter;
}

/** A request on its way, as far as it has to be counted. */
interface Pending extends Pick<EndedRequest, 'context' | 'kind' | 'startedAt'>, Resolution {
  /** What its prompt alone uses, by its length. */
  readonly estimatePrompt: () => Usage;
}

const NOTHING: Usage = { prompt_tokens: 0, completion_tokens: 0, total_tokens: 0 };

/** Answers with whichever model may, and counts what was used. */
export function createInferenceService({
  directory,
  attempt,
  timeouts,
  count,
}: InferenceDependencies): Omit<ModelClient, 'usage'> {
  async function beginChat(request: ChatRequest, context: CallContext): Promise<Pending> {
    const startedAt = performance.now();
    const resolution = await directory.resolve(request.model, 'chat');
    return { ...resolution, context, kind: 'chat', startedAt, estimatePrompt: () => estimateUsage(request, 0) };
  }

  /** Runs the attempts of one request; when all fail, counts that and throws. */
  async function answer<Result>(pending: Pending, once: CallOnce<Result>): Promise<Answered<Result>> {
    const { targets, context } = pending;
    try {
      return await attempt(targets, context, once);
    } catch (thrown) {
      const failure = AppError.from(thrown);
      const attempts = failure.attempts ?? 0;
      const error = context.signal.aborted ? abortReason(context.signal).afterAttempts(attempts) : failure;
      const isLeft = error.code === 'CANCELLED';
      // Who leaves has had their prompt read; who was refused has used nothing.
      const usage = isLeft && attempts > 0 ? pending.estimatePrompt() : NOTHING;
      const status = isLeft ? 'cancelled' : 'failed';
      count({ ...pending, target: targets[0] as Target, status, usage, estimated: isLeft, attempts, ttftMs: null });
      throw error;
    }
  }

  /** Counts an answer that has come in one piece, and tells what to say of it. */
  function account(pending: Pending, answered: Answered<unknown>, reported: Usage | null, estimate: () => Usage) {
    answered.settle();
    const { target, attempts } = answered;
    const usage = reported ?? estimate();
    const estimated = reported === null;
    const ended = { ...pending, target, status: 'completed', usage, estimated, attempts: attempts.length, ttftMs: null } as const;
    return { ...sourceOf(answered, pending), usage, estimated, costUsd: count(ended) };
  }

  return {
    async complete(request, context): Promise<Completion> {
      const pending = await beginChat(request, context);
      const answered = await answer(pending, ({ model }, { endpoint, context }) =>
        endpoint.complete({ ...request, model }, context),
      );
      const { text, finish, usage: reported, body } = answered.result;
      const about = account(pending, answered, reported, () => estimateUsage(request, text.length));
      return {
        ...about,
        text,
        finish,
        body: body ?? createCompletionBody({ model: about.model, text, finish, usage: about.usage }),
      };
    },

    async stream(request: ChatRequest, context: CallContext, options: StreamOptions): Promise<ModelStream> {
      const pending = await beginChat(request, context);
      const { startedAt } = pending;
      const answered = await answer(pending, (target, { endpoint, context }) =>
        openStream({ ...request, model: target.model }, context, {
          endpoint,
          timeouts: timeoutsOf(target, timeouts),
          encoder: createFrameEncoder(request, target.id, options),
          startedAt,
        }),
      );
      const { target, attempts, result } = answered;
      answered.begun(result.ttftMs);
      const outcome = result.outcome.then((ended): GenerationOutcome => {
        answered.settle(ended.error);
        const { ttftMs } = ended.timings;
        const costUsd = count({ ...pending, ...ended, target, attempts: attempts.length, ttftMs });
        return { ...ended, costUsd };
      });
      return { ...sourceOf(answered, pending), outcome, events: result.events, bytes: result.bytes };
    },

    async embed(request: EmbeddingRequest, context: CallContext): Promise<Embeddings> {
      const startedAt = performance.now();
      const resolution = await directory.resolve(request.model, 'embedding');
      const estimatePrompt = () => estimateEmbeddingUsage(request);
      const pending: Pending = { ...resolution, context, kind: 'embedding', startedAt, estimatePrompt };
      const answered = await answer(pending, ({ model }, { endpoint, context }) =>
        endpoint.embed({ ...request, model }, context),
      );
      const { body, usage } = answered.result;
      return { ...account(pending, answered, usage, estimatePrompt), body };
    },

    models: () => directory.list(),
  };
}

function sourceOf({ target, attempts, rateLimits }: Answered<unknown>, { warning }: Resolution): ResponseMetadata {
  return { model: target.id, provider: target.provider, attempts, warning, rateLimits };
}

/** A model's own clocks, else its provider's, else everybody's. */
function timeoutsOf({ facts, entry }: Target, timeouts: InferenceTimeouts): InferenceTimeouts {
  const own = { ...entry.timeouts, ...facts.timeouts };
  return { firstTokenMs: own.firstTokenMs ?? timeouts.firstTokenMs, idleMs: own.idleMs ?? timeouts.idleMs };
}
