import { AppError, type ChatRequest, completeUsage, estimateUsage, type ReportedUsage, type Usage } from '@prodigon/contracts';
import {
  abortReason,
  type ContentEvent,
  type GenerationOutcome,
  type ModelProvider,
  type ModelStream,
  type ProviderContext,
  type ProviderEvent,
  type ProviderRequest,
} from '@prodigon/ports';
import { isContent, type SseEncoder } from './sse-encoder.ts';

/** Timeouts of a stream in milliseconds. The provider enforces the connect timeout, and the caller the total timeout. */
export interface InferenceTimeouts {
  readonly firstTokenMs: number;
  readonly idleMs: number;
}

export interface OpenStreamOptions {
  endpoint: ModelProvider;
  timeouts: InferenceTimeouts;
  encoder: SseEncoder;
  /** Arrival time of the request, by `performance.now()`. */
  startedAt: number;
}

/** A stream whose first content has arrived. The outcome lacks the cost, which depends on the model. */
export interface OpenedStream extends Pick<ModelStream, 'events' | 'bytes'> {
  readonly outcome: Promise<Omit<GenerationOutcome, 'costUsd'>>;
  readonly ttftMs: number;
}

/**
 * Calls a provider once and resolves when the first content has arrived. Throws failures before the first content. Later
 * failures are thrown to the reader and never retried, because the client already has a part of the response.
 */
export async function openStream(
  request: ProviderRequest,
  context: ProviderContext,
  { endpoint, timeouts, encoder, startedAt }: OpenStreamOptions,
): Promise<OpenedStream> {
  const guard = createTimeoutGuard(context.signal, timeouts);
  const stats = createStreamStats(request, startedAt);
  const iterator = endpoint.stream(request, { ...context, signal: guard.signal })[Symbol.asyncIterator]();
  const { promise: outcome, resolve } = Promise.withResolvers<Awaited<OpenedStream['outcome']>>();
  let isEnded = false;

  function end(error?: AppError): void {
    if (isEnded) return;
    isEnded = true;
    guard.close();
    const status = error === undefined ? 'completed' : error.code === 'CANCELLED' ? 'cancelled' : 'failed';
    const finish = status === 'completed' ? stats.finish : null;
    resolve({ status, finish, ...stats.usage, timings: stats.timings, sequence: encoder.sequence, error });
  }

  /** Ends the stream and aborts the provider's call, which may still be waiting for a reader. */
  function fail(thrown: unknown): AppError {
    const error = guard.signal.aborted ? abortReason(guard.signal) : AppError.from(thrown);
    end(error);
    guard.abort(error);
    return error;
  }

  /** Returns the next batch, or null at the end of a complete response. */
  async function nextBatch(): Promise<readonly ProviderEvent[] | null> {
    const { done, value } = await guard.next(iterator);
    guard.stopWaiting();
    if (!done) return value;
    if (stats.finish === null) throw new AppError('INFERENCE_ERROR', 'The model provider ended its response early.');
    return null;
  }

  /** The batches up to the one with the first content. */
  const head: (readonly ProviderEvent[])[] = [];
  try {
    for (let hasContent = false; !hasContent; ) {
      const batch = await nextBatch();
      if (batch === null) break;
      head.push(batch);
      hasContent = stats.add(batch) || stats.finish !== null;
    }
  } catch (thrown) {
    throw fail(thrown);
  }
  guard.markFirstToken();

  async function* read<Piece>(
    toPieces: (batch: readonly ProviderEvent[]) => readonly Piece[],
    toLastPieces: () => readonly Piece[],
  ): AsyncGenerator<Piece> {
    guard.signal.removeEventListener('abort', endUnread);
    try {
      for (let batch = head.shift(); batch !== undefined; batch = head.shift()) yield* toPieces(batch);
      for (let batch = await nextBatch(); batch !== null; batch = await nextBatch()) {
        stats.add(batch);
        // Not `yield*`, which awaits each element even of an array.
        for (const piece of toPieces(batch)) yield piece;
      }
      yield* toLastPieces();
      end();
    } catch (thrown) {
      throw fail(thrown);
    } finally {
      // If the stream has not ended here, its reader stopped early.
      if (!isEnded) fail(new AppError('CANCELLED'));
      await iterator.return?.();
    }
  }

  // A stream that is never read must not hold its provider connection.
  const endUnread = () => {
    end(abortReason(guard.signal));
    void iterator.return?.();
  };
  guard.signal.addEventListener('abort', endUnread, { once: true });

  return {
    outcome,
    ttftMs: stats.timings.ttftMs ?? stats.timings.totalMs,
    events: () =>
      read(
        (batch): ContentEvent[] => batch.filter(isContent),
        () => [],
      ),
    bytes: () =>
      read(
        (batch) => toBytes(encoder.encode(batch)),
        () => toBytes(encoder.finish(stats.usage)),
      ),
  };
}

function toBytes(frames: string): Buffer[] {
  return frames === '' ? [] : [Buffer.from(frames)];
}

/**
 * Aborts one provider call when the first token or a later step takes too long, or when the caller aborts. The timeouts
 * count only while the provider is awaited, so a slow reader does not exceed them.
 */
export interface TimeoutGuard {
  readonly signal: AbortSignal;
  /** Requests the iterator's next step and restarts the timeout. Not async, which would cost microtasks for every token. */
  next<Value>(iterator: AsyncIterator<Value>): Promise<IteratorResult<Value>>;
  stopWaiting(): void;
  /** Replaces the first-token timeout by the idle timeout. */
  markFirstToken(): void;
  abort(reason: AppError): void;
  close(): void;
}

/** Creates a timeout guard. Its own abort controller limits the listeners on the caller's signal to one for each call. */
export function createTimeoutGuard(caller: AbortSignal, { firstTokenMs, idleMs }: InferenceTimeouts): TimeoutGuard {
  const controller = new AbortController();
  let isWaiting = false;
  let timer = startTimer(firstTokenMs, 'The model took too long to start its response.');

  function startTimer(ms: number, message: string): NodeJS.Timeout {
    return setTimeout(() => {
      if (isWaiting) controller.abort(new AppError('DEADLINE_EXCEEDED', message));
    }, ms);
  }

  const abortByCaller = () => controller.abort(caller.reason);
  if (caller.aborted) abortByCaller();
  else caller.addEventListener('abort', abortByCaller, { once: true });

  return {
    signal: controller.signal,
    next(iterator) {
      timer.refresh();
      isWaiting = true;
      return iterator.next();
    },
    stopWaiting() {
      isWaiting = false;
    },
    markFirstToken() {
      clearTimeout(timer);
      timer = startTimer(idleMs, 'The model stopped in the middle of its response.');
    },
    abort: (reason) => controller.abort(reason),
    close() {
      clearTimeout(timer);
      caller.removeEventListener('abort', abortByCaller);
    },
  };
}

/** Collects the finish reason, the usage and the timings of a stream while it passes. */
function createStreamStats(request: ChatRequest, startedAt: number) {
  let reported: ReportedUsage | undefined;
  let characters = 0;
  let firstContentAt: number | undefined;
  let finish: string | null = null;

  return {
    /** Returns whether the batch has content. */
    add(batch: readonly ProviderEvent[]): boolean {
      let hasContent = false;
      for (const event of batch) {
        if (event.type === 'finish') finish = event.reason;
        else if (event.type === 'usage') reported = event.usage;
        else if (isContent(event)) {
          hasContent = true;
          if (event.type === 'tool_call') characters += event.argumentsDelta.length;
          else if (event.type !== 'annotation') characters += event.text.length;
        }
      }
      if (hasContent) firstContentAt ??= performance.now();
      return hasContent;
    },
    get finish() {
      return finish;
    },
    /** The reported usage, with an estimate by length of what is missing. */
    get usage(): { usage: Usage; estimated: boolean } {
      return completeUsage(reported, () => estimateUsage(request, characters));
    },
    get timings(): { ttftMs: number | null; totalMs: number } {
      const ttftMs = firstContentAt === undefined ? null : firstContentAt - startedAt;
      return { ttftMs, totalMs: performance.now() - startedAt };
    },
  };
}
