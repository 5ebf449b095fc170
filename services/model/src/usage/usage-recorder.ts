import { randomUUIDv7 } from 'node:crypto';
import { AppError } from '@prodigon/contracts';
import { describeCause, type Logger, type Metrics } from '@prodigon/platform';
import type { UsageRecord, UsageStore } from '@prodigon/ports';

/** A record gets its id and its time when it is added. */
export type NewUsage = Omit<UsageRecord, 'id' | 'at'>;

export interface UsageRecorder {
  /** Takes note of a request that has ended. Never throws, and waits for nothing. */
  add(usage: NewUsage): void;
  /** Resolves when everything that waits is written, or when that has failed once. */
  flush(): Promise<void>;
  /** Writes the rest, for five seconds at most. */
  close(): Promise<void>;
}

export interface UsageRecorderOptions {
  store: Pick<UsageStore, 'record' | 'purge'>;
  retentionDays: number;
  metrics: Metrics;
  logger: Logger;
  /** Calls back once after so many milliseconds; the returned function takes it back. */
  after?: (delayMs: number, callback: () => void) => () => void;
}

const FLUSH_EVERY_MS = 1_000;
const BATCH_MAX = 500;
/** A few megabytes; what comes while so many wait is not recorded. */
const WAITING_MAX = 10_000;
const CLOSE_WITHIN_MS = 5_000;
const PURGE_EVERY_MS = 3_600_000;

/**
 * Writes down what requests used, in batches and off their path, and removes what is too old. What cannot be written
 * is kept and tried again under the same ids, so that nothing is counted twice, whatever became of the first time.
 */
export function createUsageRecorder(options: UsageRecorderOptions): UsageRecorder {
  const { store, retentionDays, metrics, logger, after = systemTimer } = options;
  const waiting: UsageRecord[] = [];
  let batchMax = BATCH_MAX;
  let flushing: Promise<void> | undefined;
  let isFailing = false;
  let cancelFlush: (() => void) | undefined;
  let cancelPurge = after(0, () => void purge());

  function add(usage: NewUsage): void {
    if (waiting.length >= WAITING_MAX) {
      drop(1);
      return;
    }
    waiting.push({ ...usage, id: randomUUIDv7(), at: new Date() });
    // While it fails it keeps its distance.
    if (waiting.length >= BATCH_MAX && !isFailing) void flush();
    else flushLater();
  }

  function flushLater(): void {
    cancelFlush ??= after(FLUSH_EVERY_MS, () => void flush());
  }

  function flush(): Promise<void> {
    cancelFlush?.();
    cancelFlush = undefined;
    if (waiting.length > 0) flushing ??= writeAll();
    return flushing ?? Promise.resolve();
  }

  async function writeAll(): Promise<void> {
    for (let goesOn = true; goesOn && waiting.length > 0; ) goesOn = await writeBatch();
    flushing = undefined;
    if (waiting.length > 0) flushLater();
  }

  /** Whether to go on at once. */
  async function writeBatch(): Promise<boolean> {
    const batch = waiting.slice(0, batchMax);
    try {
      metrics.usageRecordsWritten.inc(await store.record(batch));
    } catch (thrown) {
      const error = failed(thrown);
      if (error.code !== 'INTERNAL_ERROR') return false;
      // One of them cannot be stored: halving finds it, and it alone is given up.
      batchMax = Math.ceil(batch.length / 2);
      if (batch.length > 1) return true;
      waiting.shift();
      drop(1);
      return false;
    }
    waiting.splice(0, batch.length);
    batchMax = BATCH_MAX;
    if (isFailing) logger.info('Usage is recorded again');
    isFailing = false;
    return true;
  }

  async function purge(): Promise<void> {
    await store.purge({ olderThanDays: retentionDays }).catch(failed);
    cancelPurge = after(PURGE_EVERY_MS, () => void purge());
  }

  function failed(thrown: unknown): AppError {
    const error = AppError.from(thrown);
    if (!isFailing)
      logger.error({ code: error.code, ...describeCause(error) }, 'Usage cannot be recorded, and is kept meanwhile');
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
      const { promise: late, resolve } = Promise.withResolvers<void>();
      const cancelLate = after(CLOSE_WITHIN_MS, resolve);
      await Promise.race([flush(), late]);
      cancelLate();
      cancelFlush?.();
      cancelPurge();
      if (waiting.length > 0) logger.error({ records: waiting.length }, 'The process ends before its usage is recorded');
      drop(waiting.length);
    },
  };
}

function systemTimer(delayMs: number, callback: () => void): () => void {
  const timer = setTimeout(callback, delayMs).unref();
  return () => clearTimeout(timer);
}
