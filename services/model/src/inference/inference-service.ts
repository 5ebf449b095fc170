import { randomUUIDv7 } from 'node:crypto';
import {
  AppError,
  CHARACTERS_PER_TOKEN,
  type ChatRequest,
  completeUsage,
  type EmbeddingRequest,
  estimateUsage,
  findLimitProblems,
  type ReportedUsage,
  type Usage,
} from '@prodigon/contracts';
import { validationError } from '@prodigon/platform';
import {
  abortReason,
  type CallContext,
  type GenerationOutcome,
  type ModelClient,
  type Principal,
  type ProviderCompletion,
  type ResponseMetadata,
} from '@prodigon/ports';
import type { BudgetGuard } from '../keys/budget-guard.ts';
import { type KeyAccess, restrictModels, restrictTargets } from '../keys/key-access.ts';
import { type RequestSize, sizeOfChat, sizeOfEmbedding } from '../keys/request-maximum.ts';
import type { FinishedRequest, UsageMeter } from '../usage/usage-recorder.ts';
import type { ModelCatalog, Resolution, Target } from './model-catalog.ts';
import { type InferenceTimeouts, openStream } from './open-stream.ts';
import { fingerprintOfChat, fingerprintOfEmbedding } from './request-fingerprint.ts';
import type { Operation, RetryLoop, Success } from './retry-loop.ts';
import { createSseEncoder } from './sse-encoder.ts';

export interface InferenceServiceOptions {
  catalog: ModelCatalog;
  callWithRetries: RetryLoop;
  timeouts: InferenceTimeouts;
  recordUsage: UsageMeter;
  /** Returns what the key of a principal may use. */
  accessOf: (principal: Principal) => KeyAccess | Promise<KeyAccess>;
  budgets: BudgetGuard;
}

/** A request in flight. */
interface PendingRequest extends Pick<FinishedRequest, 'context' | 'kind' | 'startedAt' | 'reservationId'>, Resolution {
  /** Estimates the usage of the prompt alone. */
  readonly estimatePrompt: () => Usage;
  /** Returns a fingerprint of the request's content. */
  readonly fingerprint: () => string;
}

interface NewRequest extends Pick<PendingRequest, 'kind' | 'context' | 'estimatePrompt' | 'fingerprint'> {
  readonly model: string | null | undefined;
  readonly size: () => RequestSize;
  /** Throws when the models cannot serve the request. */
  readonly validate?: (resolution: Resolution) => void;
}

const NO_USAGE: Usage = { prompt_tokens: 0, completion_tokens: 0, total_tokens: 0 };

/** Creates the client that serves requests with the requested model or its fallbacks, and records their usage. */
export function createInferenceService(options: InferenceServiceOptions): Omit<ModelClient, 'usage'> {
  const { catalog, callWithRetries, timeouts, recordUsage, accessOf, budgets } = options;

  /** Resolves the model of a request, and reserves its budgets. */
  async function start({ model, size, validate, ...request }: NewRequest): Promise<PendingRequest> {
    const startedAt = performance.now();
    const { kind, context } = request;
    const allowed = accessOf(context.principal);
    const access = allowed instanceof Promise ? await allowed : allowed;
    const resolution = restrictTargets(await catalog.resolve(model ?? undefined, kind), access);
    validate?.(resolution);
    const reserved = budgets.reserve({ ...access, ...resolution, size, context });
    const reservationId = reserved && (await reserved);
    return { ...resolution, ...request, startedAt, reservationId };
  }

  function startChat(request: ChatRequest, context: CallContext): Promise<PendingRequest> {
    return start({
      model: request.model,
      kind: 'chat',
      context,
      estimatePrompt: () => estimateUsage(request, 0),
      fingerprint: () => fingerprintOfChat(request),
      size: () => sizeOfChat(request),
      // A fallback that accepts fewer values rejects the request itself.
      validate: ({ targets }) => {
        if (!targets[0].registration.acceptsOtherValues) refuseInvalidValues(request);
      },
    });
  }

  /** Records a request, and counts it towards its budgets. Returns its cost. */
  async function finish(pending: PendingRequest, finished: Omit<FinishedRequest, keyof PendingRequest>): Promise<number | null> {
    const costUsd = recordUsage({ ...pending, ...finished });
    if (pending.reservationId !== null) await budgets.settle(pending.reservationId, finished.usage, costUsd);
    return costUsd;
  }

  /** Calls providers for one request. When all calls fail, records the failure and throws it. */
  async function call<Result>(pending: PendingRequest, operation: Operation<Result>): Promise<Success<Result>> {
    const { targets, context, fingerprint } = pending;
    try {
      return await callWithRetries({ targets, context, fingerprint, operation });
    } catch (thrown) {
      const failure = AppError.from(thrown);
      const attempts = failure.attempts ?? 0;
      const error = context.signal.aborted ? abortReason(context.signal).afterAttempts(attempts) : failure;
      const isCancelled = error.code === 'CANCELLED';
      // A disconnected client is charged for the prompt tokens that a provider has read; a rejected request uses nothing.
      const usage = isCancelled && attempts > 0 ? pending.estimatePrompt() : NO_USAGE;
      const status = isCancelled ? 'cancelled' : 'failed';
      await finish(pending, { target: targets[0], status, usage, estimated: isCancelled, attempts, ttftMs: null });
      throw error;
    }
  }

  /** Records a response without a stream, and returns its metadata. */
  async function complete(
    pending: PendingRequest,
    success: Success<unknown>,
    reported: ReportedUsage | null,
    estimate: () => Usage,
  ) {
    const { permit, attempts } = success;
    permit.succeed();
    const { usage, estimated } = completeUsage(reported, estimate);
    const finished = { status: 'completed', usage, estimated, attempts: attempts.length, ttftMs: null } as const;
    const costUsd = await finish(pending, { ...finished, target: permit.target });
    return { ...metadataOf(success, pending), usage, estimated, costUsd };
  }

  return {
    async complete(request, context) {
      const pending = await startChat(request, context);
      const success = await call(pending, ({ target, endpoint }, context) =>
        endpoint.complete({ ...request, model: target.model }, context),
      );
      const { text, finish, usage, body, choice } = success.result;
      const completed = await complete(pending, success, usage, () => estimateUsage(request, text.length));
      return {
        ...completed,
        text,
        choice,
        finish,
        body: body ? withUsage(body, completed) : toCompletionBody(completed.model, success.result, completed.usage),
      };
    },

    async stream(request, context, options) {
      const pending = await startChat(request, context);
      const { startedAt } = pending;
      const success = await call(pending, ({ target, endpoint }, context) =>
        openStream({ ...request, model: target.model }, context, {
          endpoint,
          timeouts: timeoutsOf(target, timeouts),
          encoder: createSseEncoder(request, target.id, options),
          startedAt,
        }),
      );
      const { result, permit, attempts } = success;
      permit.onFirstToken(result.ttftMs);
      const outcome = result.outcome.then(async (ended): Promise<GenerationOutcome> => {
        if (ended.error) permit.fail(ended.error);
        else permit.succeed();
        const { ttftMs } = ended.timings;
        const costUsd = await finish(pending, { ...ended, target: permit.target, attempts: attempts.length, ttftMs });
        return { ...ended, costUsd };
      });
      return { ...metadataOf(success, pending), outcome, events: result.events, bytes: result.bytes };
    },

    async embed(request, context) {
      const estimate = () => estimateEmbeddingUsage(request);
      const pending = await start({
        model: request.model,
        kind: 'embedding',
        context,
        estimatePrompt: estimate,
        fingerprint: () => fingerprintOfEmbedding(request),
        size: () => sizeOfEmbedding(request),
      });
      const success = await call(pending, ({ target, endpoint }, context) =>
        endpoint.embed({ ...request, model: target.model }, context),
      );
      const { body, usage } = success.result;
      const completed = await complete(pending, success, usage, estimate);
      return { ...completed, body: withUsage(body, completed) };
    },

    async models({ principal }) {
      const access = await accessOf(principal);
      return restrictModels(await catalog.list(), access);
    },
  };
}

function metadataOf({ permit, attempts }: Success<unknown>, { warning }: Resolution): ResponseMetadata {
  const { target, rateLimits } = permit;
  return { model: target.id, provider: target.provider, attempts, warning, rateLimits };
}

function refuseInvalidValues(request: ChatRequest): void {
  const problems = findLimitProblems(request);
  if (problems.length > 0) throw validationError(problems);
}

/** Returns the timeouts of a target. A model's own timeouts override its provider's, which override the common ones. */
function timeoutsOf({ metadata, registration }: Target, common: InferenceTimeouts): InferenceTimeouts {
  const own = { ...registration.timeouts, ...metadata.timeouts };
  return { firstTokenMs: own.firstTokenMs ?? common.firstTokenMs, idleMs: own.idleMs ?? common.idleMs };
}

/**
 * Returns a body with the estimated usage, or the body itself when the provider reported the usage. A body whose usage needs
 * an estimate has none. It can have 64 MB, so the usage is added to its text.
 */
function withUsage(body: string, { usage, estimated }: { usage: Usage; estimated: boolean }): string {
  if (!estimated) return body;
  const end = body.lastIndexOf('}');
  return `${body.slice(0, end)},"usage":${JSON.stringify({ ...usage, estimated })}}`;
}

/** Returns the completion of a provider with another format as an OpenAI `chat.completion`. */
function toCompletionBody(model: string, { text, finish }: ProviderCompletion, usage: Usage): string {
  return JSON.stringify({
    id: `chatcmpl-${randomUUIDv7()}`,
    object: 'chat.completion',
    created: Math.floor(Date.now() / 1_000),
    model,
    choices: [{ index: 0, message: { role: 'assistant', content: text, refusal: null }, logprobs: null, finish_reason: finish }],
    usage,
  });
}

/** Estimates the usage of an embedding from the length of its texts. Token ids are counted exactly. */
export function estimateEmbeddingUsage({ input }: EmbeddingRequest): Usage {
  const tokensOf = (each: string | number) => (typeof each === 'number' ? 1 : Math.ceil(each.length / CHARACTERS_PER_TOKEN));
  const prompt_tokens = [input].flat(2).reduce<number>((sum, each) => sum + tokensOf(each), 0);
  return { prompt_tokens, completion_tokens: 0, total_tokens: prompt_tokens };
}
