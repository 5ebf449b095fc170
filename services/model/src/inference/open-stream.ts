import { AppError } from '@prodigon/contracts';
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
import type { FrameEncoder } from './frame-encoder.ts';
import { AnswerTally, isContent } from './stream-stats.ts';
import { Attempt } from './timeout-guard.ts';
import type { InferenceTimeouts } from './timeouts.ts';

export interface OpenStreamOptions {
  endpoint: ModelProvider;
  timeouts: InferenceTimeouts;
  encoder: FrameEncoder;
  /** When the caller began to wait, on the clock of `performance.now()`. */
  startedAt: number;
}

/** An answer that has begun, before it is known to whom it belongs. `outcome` lacks the cost. */
export interface OpenedStream extends Pick<ModelStream, 'events' | 'bytes'> {
  readonly outcome: Promise<Omit<GenerationOutcome, 'costUsd'>>;
  readonly ttftMs: number;
}

/**
 * Calls a provider once and resolves when its first content has come. What fails until then is thrown here;
 * afterwards nothing is tried again, since the reader already has a part of this answer.
 */
export async function openStream(
  request: ProviderRequest,
  context: ProviderContext,
  { endpoint, timeouts, encoder, startedAt }: OpenStreamOptions,
): Promise<OpenedStream> {
  const attempt = new Attempt(context.signal, timeouts);
  const tally = new AnswerTally(request, startedAt);
  const iterator = endpoint.stream(request, attempt.contextFor(context))[Symbol.asyncIterator]();
  const { promise: outcome, resolve } = Promise.withResolvers<Awaited<OpenedStream['outcome']>>();
  let isSettled = false;

  function settle(error?: AppError): void {
    if (isSettled) return;
    isSettled = true;
    attempt.end();
    const status = error === undefined ? 'completed' : error.code === 'CANCELLED' ? 'cancelled' : 'failed';
    const finish = status === 'completed' ? tally.finish : null;
    resolve({ status, finish, ...tally.usage, timings: tally.timings, sequence: encoder.sequence, error });
  }

  /** Ends the provider's work too, which may still be waiting for us. */
  function fail(thrown: unknown): AppError {
    const error = attempt.signal.aborted ? abortReason(attempt.signal) : AppError.from(thrown);
    settle(error);
    attempt.abort(error);
    return error;
  }

  /** Null at the end of a whole answer. */
  async function nextBatch(): Promise<readonly ProviderEvent[] | null> {
    const { done, value } = await attempt.next(iterator);
    attempt.hasCome();
    if (!done) return value;
    if (tally.finish === null) throw new AppError('INFERENCE_ERROR', 'The model provider broke off its answer.');
    return null;
  }

  /** What comes before the first content, and the batch that brings it. */
  const head: (readonly ProviderEvent[])[] = [];
  try {
    for (let hasBegun = false; !hasBegun; ) {
      const batch = await nextBatch();
      if (batch === null) break;
      head.push(batch);
      hasBegun = tally.take(batch) || tally.finish !== null;
    }
  } catch (thrown) {
    throw fail(thrown);
  }
  attempt.contentHasBegun();

  async function* read<Piece>(
    toPieces: (batch: readonly ProviderEvent[]) => readonly Piece[],
    last: () => readonly Piece[],
  ): AsyncGenerator<Piece> {
    attempt.signal.removeEventListener('abort', onUnreadAbort);
    try {
      for (let batch = head.shift(); batch !== undefined; batch = head.shift()) yield* toPieces(batch);
      for (let batch = await nextBatch(); batch !== null; batch = await nextBatch()) {
        tally.take(batch);
        // In place of `yield*`, which asks even an array for promises.
        for (const piece of toPieces(batch)) yield piece;
      }
      yield* last();
      settle();
    } catch (thrown) {
      throw fail(thrown);
    } finally {
      // Still unsettled means that the reader has left the loop.
      if (!isSettled) fail(new AppError('CANCELLED'));
      await iterator.return?.();
    }
  }

  // A stream that nobody begins to read must not hold its provider for ever.
  const onUnreadAbort = () => {
    settle(abortReason(attempt.signal));
    void iterator.return?.();
  };
  attempt.signal.addEventListener('abort', onUnreadAbort, { once: true });

  return {
    outcome,
    ttftMs: tally.timings.ttftMs ?? tally.timings.totalMs,
    events: () =>
      read(
        (batch): ContentEvent[] => batch.filter(isContent),
        () => [],
      ),
    bytes: () =>
      read(
        (batch) => toBytes(encoder.encode(batch)),
        () => toBytes(encoder.finish(tally.usage.usage)),
      ),
  };
}

function toBytes(frames: string): Buffer[] {
  return frames === '' ? [] : [Buffer.from(frames)];
}
