import { AppError } from '@prodigon/contracts';
import { createFrameEncoder } from '@prodigon/platform';
import {
  abortReason,
  type CallContext,
  type ContentEvent,
  type GenerationOutcome,
  type ModelProvider,
  type ModelStream,
  type ProviderRequest,
  type StreamOptions,
} from '@prodigon/ports';
import { AnswerTally } from './answer-tally.ts';
import { Attempt } from './attempt.ts';
import type { InferenceTimeouts } from './timeouts.ts';

export interface OpenStreamOptions extends StreamOptions {
  provider: ModelProvider;
  /** The id that is told to the caller, without parameters. */
  model: string;
  timeouts: InferenceTimeouts;
  /** Told once how the stream ended, whoever read it. */
  onOutcome: (outcome: GenerationOutcome) => void;
}

/**
 * Calls a provider and resolves when its first content has come. What fails until then is thrown here;
 * afterwards nothing is tried again, since the reader already has a part of this answer.
 */
export async function openStream(
  request: ProviderRequest,
  context: CallContext,
  options: OpenStreamOptions,
): Promise<ModelStream> {
  const { provider, model, timeouts, format, generationId } = options;
  const attempt = new Attempt(context.signal, timeouts);
  const tally = new AnswerTally(request);
  const encoder = createFrameEncoder(format, generationId);
  const iterator = provider.stream(request, attempt.contextFor(context))[Symbol.asyncIterator]();
  const { promise: outcome, resolve } = Promise.withResolvers<GenerationOutcome>();
  let isSettled = false;

  function settle(error?: AppError): void {
    if (isSettled) return;
    isSettled = true;
    attempt.end();
    const status = error === undefined ? 'completed' : error.code === 'CANCELLED' ? 'cancelled' : 'failed';
    const finish = status === 'completed' ? tally.finish : null;
    const result: GenerationOutcome = {
      status,
      finish,
      ...tally.usage,
      timings: tally.timings,
      sequence: encoder.sequence,
      error,
    };
    options.onOutcome(result);
    resolve(result);
  }

  /** Ends the provider's work too, which may still be waiting for us. */
  function fail(thrown: unknown): AppError {
    const error = attempt.signal.aborted ? abortReason(attempt.signal) : AppError.from(thrown);
    settle(error);
    attempt.abort(error);
    return error;
  }

  async function nextContent(): Promise<ContentEvent[] | null> {
    const { done, value } = await attempt.waitFor(iterator.next());
    if (!done) return tally.take(value);
    if (tally.finish === null) throw new AppError('INFERENCE_ERROR', 'The model provider broke off its answer.');
    return null;
  }

  let head: ContentEvent[] | null;
  try {
    do head = await nextContent();
    while (head !== null && head.length === 0 && tally.finish === null);
  } catch (thrown) {
    throw fail(thrown);
  }
  attempt.contentHasBegun();

  async function* batches(): AsyncGenerator<readonly ContentEvent[]> {
    attempt.signal.removeEventListener('abort', onUnreadAbort);
    try {
      for (let batch = head; batch !== null; batch = await nextContent()) if (batch.length > 0) yield batch;
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
    model,
    provider: provider.name,
    outcome,
    async *events() {
      for await (const batch of batches()) yield* batch;
    },
    async *bytes() {
      for await (const batch of batches()) {
        const frames = encoder.encode(batch);
        if (frames !== '') yield Buffer.from(frames);
      }
    },
  };
}
