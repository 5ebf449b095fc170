import { AppError, generateFieldOf, generateToChat } from '@prodigon/contracts';
import { continueTrace } from '@prodigon/platform';
import type { CallContext, ItemOutcome, LeasedItem, ModelClient } from '@prodigon/ports';
import type { RetryPolicy } from './retry-policy.ts';

export interface CallModelOptions {
  model: ModelClient;
  retry: RetryPolicy;
  timeoutMs: number;
  /** An abort with `DEADLINE_EXCEEDED` fails the attempt. Any other abort requeues the item. */
  controller: AbortController;
}

/** Runs one attempt of an item. Never throws. */
export async function callModel(item: LeasedItem, options: CallModelOptions): Promise<ItemOutcome> {
  const { model, retry, timeoutMs, controller } = options;
  const { signal } = controller;
  const startedAt = performance.now();
  const elapsedMs = () => Math.round((performance.now() - startedAt) * 100) / 100;
  const requestId = `${item.jobId}.${item.index}.${item.lease}`;
  const context: CallContext = {
    requestId,
    traceparent: continueTrace(undefined),
    principal: { id: item.ownerId, keyId: item.keyId },
    deadline: startedAt + timeoutMs,
    // The queue retries items, and its retries survive a crash of this process.
    attemptsMax: 1,
    signal,
  };
  const request = { prompt: item.prompt, ...item.options };
  const timer = setTimeout(() => controller.abort(new AppError('DEADLINE_EXCEEDED')), timeoutMs);
  try {
    const { text, finish, model: id, usage, estimated, costUsd } = await model.complete(generateToChat(request), context);
    retry.recordSuccess(item);
    return { type: 'succeeded', text, finish, model: id, usage, estimated, costUsd, requestId, latencyMs: elapsedMs() };
  } catch (thrown) {
    const error = AppError.from(signal.aborted ? signal.reason : thrown);
    if (signal.aborted && error.code !== 'DEADLINE_EXCEEDED') return { type: 'requeued' };
    return retry.decide(
      item,
      error.withFields((field) => generateFieldOf(request, field)),
      elapsedMs(),
    );
  } finally {
    clearTimeout(timer);
  }
}

const FIRST_BACKOFF_MS = 500;
const LONGEST_BACKOFF_MS = 10_000;

/** Creates an exponential backoff that pauses the worker while the model service is unreachable. */
export function createModelBackoff() {
  let until = Number.NEGATIVE_INFINITY;
  let backoffMs = 0;
  return {
    get isActive(): boolean {
      return performance.now() < until;
    },
    /** Starts a backoff, twice as long as the previous one, and returns its length in milliseconds. */
    start(): number {
      backoffMs = Math.min(LONGEST_BACKOFF_MS, Math.max(FIRST_BACKOFF_MS, backoffMs * 2));
      until = performance.now() + backoffMs;
      return backoffMs;
    },
    /** Ends the backoff after a success. */
    reset(): void {
      until = Number.NEGATIVE_INFINITY;
      backoffMs = 0;
    },
  };
}
