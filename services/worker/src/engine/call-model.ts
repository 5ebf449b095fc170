import { AppError, type ChatRequest } from '@prodigon/contracts';
import { continueTrace } from '@prodigon/platform';
import type { CallContext, ItemOutcome, LeasedItem, ModelClient } from '@prodigon/ports';
import type { RetryPolicy } from './retry-policy.ts';

export interface CallModelOptions {
  model: ModelClient;
  retry: RetryPolicy;
  timeoutMs: number;
  /** Aborted with `DEADLINE_EXCEEDED` it is a failure of the attempt; with anything else the item is given back. */
  controller: AbortController;
}

/** One attempt of one item. Never throws. */
export async function callModel(item: LeasedItem, options: CallModelOptions): Promise<ItemOutcome> {
  const { model, retry, timeoutMs, controller } = options;
  const { signal } = controller;
  const startedAt = performance.now();
  const elapsedMs = () => Math.round((performance.now() - startedAt) * 100) / 100;
  const requestId = `${item.jobId}.${item.index}.${item.lease}`;
  const context: CallContext = {
    requestId,
    traceparent: continueTrace(undefined),
    principal: { id: item.ownerId },
    deadline: startedAt + timeoutMs,
    // An item is tried again from the queue, which survives us.
    attemptsMax: 1,
    signal,
  };
  const timer = setTimeout(() => controller.abort(new AppError('DEADLINE_EXCEEDED')), timeoutMs);
  try {
    const { text, finish, model: id, usage, estimated, costUsd } = await model.complete(toChatRequest(item), context);
    return { type: 'succeeded', text, finish, model: id, usage, estimated, costUsd, requestId, latencyMs: elapsedMs() };
  } catch (thrown) {
    const error = AppError.from(signal.aborted ? signal.reason : thrown);
    if (signal.aborted && error.code !== 'DEADLINE_EXCEEDED') return { type: 'released' };
    return retry(item, error, elapsedMs());
  } finally {
    clearTimeout(timer);
  }
}

function toChatRequest({ prompt, options }: LeasedItem): ChatRequest {
  const { model, max_tokens, temperature, system_prompt } = options;
  return {
    ...(model !== undefined && { model }),
    messages: [
      ...(system_prompt === undefined ? [] : [{ role: 'system' as const, content: system_prompt }]),
      { role: 'user', content: prompt },
    ],
    max_tokens,
    temperature,
  };
}
