import { randomUUIDv7 } from 'node:crypto';
import { AppError, type Price, type Usage } from '@prodigon/contracts';
import { type Logger, logFailure, type Metrics } from '@prodigon/platform';
import type { CallContext, GenerationOutcome, UsageRecord, UsageStore } from '@prodigon/ports';
import type { Target } from '../inference/model-catalog.ts';
import { systemTimer, type Timer } from '../system-timer.ts';

/** A request that has completed, failed or been cancelled. */
export interface FinishedRequest {
  readonly target: Target;
  readonly context: CallContext;
  readonly kind: UsageRecord['kind'];
  readonly status: GenerationOutcome['status'];
  readonly usage: Usage;
  readonly estimated: boolean;
  /** The number of provider calls. */
  readonly attempts: number;
  readonly ttftMs: number | null;
  /** Arrival time of the request, by `performance.now()`. */
  readonly startedAt: number;
  /** Id of the request's reservation of a budget; null without one. */
  readonly reservationId: string | null;
}

/** Records a request in metrics and usage. Returns its cost in US dollars, or null when the price is unknown. */
export type UsageMeter = (request: FinishedRequest) => number | null;

export function createUsageMeter({ metrics, recorder }: { metrics: Metrics; recorder: Pick<UsageRecorder, 'add'> }): UsageMeter {
  return ({ target, context, kind, status, usage, estimated, attempts, ttftMs, startedAt, reservationId }) => {
    const { provider, label: model, id, offline, metadata } = target;
    const costUsd = costOf(usage, { price: metadata.price, isFree: offline });
    metrics.generations.inc({ provider, model, status });
    metrics.tokens.inc({ provider, model, direction: 'prompt' }, usage.prompt_tokens);
    metrics.tokens.inc({ provider, model, direction: 'completion' }, usage.completion_tokens);
    if (ttftMs !== null) metrics.timeToFirstToken.observe({ provider, model }, ttftMs / 1_000);
    recorder.add({
      id: reservationId ?? undefined,
      ownerId: context.principal.id,
      keyId: context.principal.keyId ?? null,
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

/** Returns the cost of a response in US dollars, or null when the price is unknown. */
export function costOf(usage: Usage, { price, isFree }: { price: Price | undefined; isFree: boolean }): number | null {
  if (isFree) return 0;
  if (!price) return null;
  const cached = Math.min(usage.prompt_tokens_details?.cached_tokens ?? 0, usage.prompt_tokens);
  const input = (usage.prompt_tokens - cached) * price.input + cached * (price.cached_input ?? price.input);
  return (input + usage.completion_tokens * price.output) / 1e6;
}

/** A usage record without the time, which `add` assigns. It also assigns the id, unless the request has reserved a budget. */
export type NewUsage = Omit<UsageRecord, 'id' | 'at'> & { readonly id?: string | undefined };

export interface UsageRecorder {
  /** Queues the usage of a finished request. Never throws or blocks. */
  add(usage: NewUsage): void;
  /** Resolves when every queued record is written, or when a write has failed. */
  flush(): Promise<void>;
  /** Writes the remaining records, within five seconds. */
  close(): Promise<void>;
}

export interface UsageRecorderOptions {
  store: Pick<UsageStore, 'record' | 'purge'>;
  retentionDays: number;
  metrics: Metrics;
  logger: Logger;
  after?: Timer;
}

const FLUSH_INTERVAL_MS = 1_000;
const BATCH_MAX = 500;
/** A few megabytes. New records are dropped while the queue is full. */
const QUEUE_MAX = 10_000;
const CLOSE_TIMEOUT_MS = 5_000;
const PURGE_INTERVAL_MS = 3_600_000;

/**
 * Creates a recorder that writes usage in batches, outside the request path, and purges records older than the
 * retention. It retries failed writes under the same ids, so that a write whose response was lost is not counted twice.
 */
export function createUsageRecorder(options: UsageRecorderOptions): UsageRecorder {
  const { store, retentionDays, metrics, logger, after = systemTimer } = options;
  const queue: UsageRecord[] = [];
  let batchMax = BATCH_MAX;
  let flushing: Promise<void> | undefined;
  let isFailing = false;
  let cancelFlush: (() => void) | undefined;
  let cancelPurge = after(0, () => void purge());

  function add(usage: NewUsage): void {
    if (queue.length >= QUEUE_MAX) {
      drop(1);
      return;
    }
    queue.push({ ...usage, id: usage.id ?? randomUUIDv7(), at: new Date() });
    // Writes to a failing database are retried only once a second.
    if (queue.length >= BATCH_MAX && !isFailing) void flush();
    else flushLater();
  }

  function flushLater(): void {
    cancelFlush ??= after(FLUSH_INTERVAL_MS, () => void flush());
  }

  function flush(): Promise<void> {
    cancelFlush?.();
    cancelFlush = undefined;
    if (queue.length > 0) flushing ??= writeAll();
    return flushing ?? Promise.resolve();
  }

  async function writeAll(): Promise<void> {
    for (let canContinue = true; canContinue && queue.length > 0; ) canContinue = await writeBatch();
    flushing = undefined;
    if (queue.length > 0) flushLater();
  }

  /** Returns whether to write the next batch immediately. */
  async function writeBatch(): Promise<boolean> {
    const batch = queue.slice(0, batchMax);
    try {
      metrics.usageRecordsWritten.inc(await store.record(batch));
    } catch (thrown) {
      const error = reportFailure(thrown);
      if (error.code !== 'INTERNAL_ERROR') return false;
      // The database rejects one of the records: halving finds it, and only that one is dropped.
      batchMax = Math.ceil(batch.length / 2);
      if (batch.length > 1) return true;
      queue.shift();
      drop(1);
      return false;
    }
    queue.splice(0, batch.length);
    batchMax = BATCH_MAX;
    if (isFailing) logger.info('Usage records are being written again');
    isFailing = false;
    return true;
  }

  async function purge(): Promise<void> {
    await store.purge({ olderThanDays: retentionDays }).catch(reportFailure);
    cancelPurge = after(PURGE_INTERVAL_MS, () => void purge());
  }

  function reportFailure(thrown: unknown): AppError {
    const error = AppError.from(thrown);
    if (!isFailing)
      logFailure(logger, { level: 'error', failure: error, message: 'Usage records cannot be written and stay queued' });
    isFailing = true;
    return error;
  }

  function drop(count: number): void {
    metrics.usageRecordsDropped.inc(count);
  }

  return {
    add,
    flush,
    async close() {
      const { promise: timeout, resolve } = Promise.withResolvers<void>();
      const cancelTimeout = after(CLOSE_TIMEOUT_MS, resolve);
      await Promise.race([flush(), timeout]);
      cancelTimeout();
      cancelFlush?.();
      cancelPurge();
      if (queue.length > 0) logger.error({ records: queue.length }, 'The process exits before its usage is recorded');
      drop(queue.length);
    },
  };
}
