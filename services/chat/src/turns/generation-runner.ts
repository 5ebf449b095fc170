import { AppError, type ChatRequest, sleep } from '@prodigon/contracts';
import { type Logger, logFailure } from '@prodigon/platform';
import type {
  CallContext,
  GenerationEnd,
  GenerationHolder,
  GenerationOutcome,
  GenerationStore,
  ModelClient,
  ModelStream,
} from '@prodigon/ports';
import { createDeltaWriter } from './delta-writer.ts';
import { fallbackFrames, type GenerationResult, type GenerationStart } from './generation-frames.ts';
import { createRunningGeneration, type RunningGeneration } from './running-generation.ts';

export interface GenerationRunnerOptions {
  readonly store: Pick<GenerationStore, 'write' | 'finish'>;
  readonly holder: GenerationHolder;
  readonly model: Pick<ModelClient, 'stream'>;
  readonly logger: Logger;
  readonly onCountChange?: ((running: number) => void) | undefined;
  readonly timings?: Partial<GenerationTimings> | undefined;
}

export interface GenerationTimings {
  /** Milliseconds between two writes of the text that has arrived. */
  readonly writeMs: number;
  /** Milliseconds that readers wait for the end to be stored while the database does not respond. */
  readonly finishMs: number;
  /** Milliseconds before the first repetition of a failed write of an end. */
  readonly retryMs: number;
}

const TIMINGS: GenerationTimings = { writeMs: 1_000, finishMs: 60_000, retryMs: 250 };
const RETRY_MS_MAX = 5_000;

export interface NewRun {
  readonly ownerId: string;
  readonly start: GenerationStart;
  /** An error ends the generation, as one of the model does. */
  readonly request: ChatRequest | AppError;
  readonly context: CallContext;
  /** Called when the generation has ended and nothing of it counts any more. */
  readonly onEnd: () => void;
  /** Called with the end once it is stored. */
  readonly onStored?: ((end: GenerationEnd) => void) | undefined;
}

export interface GenerationRunner {
  /** Receives a response, independent of its readers. */
  run(run: NewRun): RunningGeneration;
  /** Returns a generation that this process receives for the owner. */
  find(ownerId: string, generationId: string): RunningGeneration | undefined;
  /** Stops repeating writes that fail. */
  close(): void;
}

/** Receives the responses of models for this process, and stores them while they arrive. */
export function createGenerationRunner(options: GenerationRunnerOptions): GenerationRunner {
  const { store, holder, model, logger, onCountChange = () => {} } = options;
  const timings = { ...TIMINGS, ...options.timings };
  const running = new Map<string, RunningGeneration>();
  const closed = new AbortController();
  const uncommitted = new Set<RunningGeneration>();
  let isWriteFailing = false;

  const writer = createDeltaWriter({
    store: {
      write: async (...call) => {
        const lost = await store.write(...call);
        isWriteFailing = false;
        return lost;
      },
    },
    holder,
    intervalMs: timings.writeMs,
    onLost: (generation) => generation.stop(new AppError('RESPONSE_INTERRUPTED')),
    onFailure(thrown) {
      if (!isWriteFailing)
        logFailure(logger, {
          level: 'warn',
          failure: AppError.from(thrown),
          message: 'Running responses cannot be stored. They continue, and the writes are repeated',
        });
      isWriteFailing = true;
    },
  });

  /** Shows readers all text that arrives in this turn of the event loop as one event. */
  function scheduleCommit(generation: RunningGeneration): void {
    if (uncommitted.size === 0) setImmediate(commitAll);
    uncommitted.add(generation);
  }
  function commitAll(): void {
    for (const generation of uncommitted) generation.commit();
    uncommitted.clear();
  }

  async function receive(generation: RunningGeneration, { request, context }: NewRun): Promise<GenerationEnd> {
    const { text, start } = generation;
    let stream: ModelStream | undefined;
    let failure: AppError | undefined;
    try {
      if (request instanceof AppError) throw request;
      const signal = AbortSignal.any([context.signal, generation.stopSignal]);
      const call = { format: 'content', generationId: generation.id } as const;
      stream = await model.stream(request, { ...context, signal }, call);
      generation.fallbacks = fallbackFrames(start.model, stream);
      for await (const event of stream.events()) {
        text.append(event);
        scheduleCommit(generation);
      }
    } catch (thrown) {
      failure = AppError.from(thrown);
    }
    text.commit({ isEnd: true });
    generation.wakeReaders();
    const result = resultOf({ generation, stream, failure, outcome: await stream?.outcome, context });
    return { ...result, parts: text.partsFrom(0) };
  }

  /** Stores the end, however long the database does not respond. Resolves with whether the generation is still this process's. */
  async function storeEnd(generation: RunningGeneration, end: GenerationEnd): Promise<boolean> {
    for (let delayMs = timings.retryMs; ; delayMs = Math.min(2 * delayMs, RETRY_MS_MAX)) {
      try {
        return await store.finish(holder, generation.id, end);
      } catch (thrown) {
        const failure = AppError.from(thrown);
        if (delayMs === timings.retryMs)
          logFailure(logger, {
            level: 'warn',
            failure,
            fields: { generation_id: generation.id },
            message: 'The end of a response cannot be stored. The write is repeated',
          });
        await sleep(delayMs, closed.signal);
      }
    }
  }

  async function runToEnd(generation: RunningGeneration, run: NewRun): Promise<void> {
    const remove = writer.add(generation);
    const end = await receive(generation, run);
    const stored = storeEnd(generation, end).catch(() => false);
    const waited = new AbortController();
    const timedOut = sleep(timings.finishMs, waited.signal).then(
      () => undefined,
      () => false,
    );
    const isStored = await Promise.race([stored, timedOut]);
    waited.abort();
    const { parts: _, ...result } = end;
    generation.end(isStored ? result : { ...result, ...(isStored === undefined ? NOT_STORED : LOST) });
    logEnd(generation, run, result);
    if (isStored) run.onStored?.(end);
    run.onEnd();
    await stored;
    remove();
    running.delete(generation.id);
    onCountChange(running.size);
  }

  function logEnd({ start }: RunningGeneration, { ownerId, context }: NewRun, result: GenerationResult): void {
    const { status, provider, model, attempts, finishReason, usage, estimated, costUsd, ttftMs, latencyMs, error } = result;
    logger.info(
      {
        request_id: context.requestId,
        traceparent: context.traceparent,
        generation_id: start.generationId,
        owner: ownerId,
        status,
        provider,
        model,
        attempts,
        ...(finishReason !== null && { finish: finishReason }),
        ...(usage && { usage, estimated, cost_usd: costUsd }),
        ttft_ms: ttftMs,
        latency_ms: latencyMs,
        ...(error && { code: error.code }),
      },
      `Response ${status}`,
    );
  }

  return {
    run(run) {
      const generation = createRunningGeneration(run.ownerId, run.start);
      running.set(generation.id, generation);
      onCountChange(running.size);
      void runToEnd(generation, run);
      return generation;
    },
    find(ownerId, generationId) {
      const generation = running.get(generationId);
      return generation?.ownerId === ownerId ? generation : undefined;
    },
    close: () => closed.abort(),
  };
}

const publicError = (error: AppError): GenerationResult['error'] => ({
  code: error.code,
  message: error.publicMessage,
  retryable: error.retryable,
});
const LOST = { status: 'interrupted', error: null } as const;
const NOT_STORED = {
  status: 'interrupted',
  error: publicError(
    new AppError('SERVICE_UNAVAILABLE', 'The response cannot be stored, because the database does not respond.'),
  ),
} as const;

interface ResultOptions {
  readonly generation: RunningGeneration;
  readonly stream: ModelStream | undefined;
  readonly outcome: GenerationOutcome | undefined;
  readonly failure: AppError | undefined;
  readonly context: CallContext;
}

function resultOf({ generation, stream, outcome, failure, context }: ResultOptions): GenerationResult {
  return {
    ...statusOf(generation, failure, context),
    model: stream?.model ?? null,
    provider: stream?.provider ?? null,
    usage: outcome?.usage ?? null,
    estimated: outcome?.estimated ?? false,
    costUsd: outcome?.costUsd ?? null,
    finishReason: outcome?.finish ?? null,
    ttftMs: round(outcome?.timings.ttftMs),
    latencyMs: round(outcome?.timings.totalMs),
    attempts: stream?.attempts.length ?? failure?.attempts ?? 0,
  };
}

function statusOf(
  { stopSignal, text }: RunningGeneration,
  failure: AppError | undefined,
  { signal }: CallContext,
): Pick<GenerationResult, 'status' | 'error'> {
  if (!failure) return { status: 'done', error: null };
  if (stopSignal.aborted) return { status: isLost(stopSignal) ? 'interrupted' : 'stopped', error: null };
  // The process stops.
  if (signal.aborted && AppError.from(signal.reason).code === 'SERVICE_UNAVAILABLE')
    return { status: 'interrupted', error: null };
  return { status: text.length > 0 ? 'interrupted' : 'failed', error: publicError(failure) };
}

const isLost = ({ reason }: AbortSignal) => AppError.from(reason).code === 'RESPONSE_INTERRUPTED';

function round(ms: number | null | undefined): number | null {
  return ms === null || ms === undefined ? null : Math.round(ms * 100) / 100;
}
