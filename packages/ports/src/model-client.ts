import type {
  AppError,
  ChatRequest,
  EmbeddingRequest,
  ErrorCode,
  ModelList,
  Usage,
  UsagePeriod,
  UsageReport,
} from '@prodigon/contracts';
import type { CallContext } from './call-context.ts';
import type { ContentEvent } from './generation-event.ts';
import type { RateLimits } from './rate-limits.ts';

/**
 * The wire format of `ModelStream.bytes()`: `tokens` is the default profile of `/api/v1` (text as JSON strings),
 * `events` the typed one, `chunks` OpenAI's. All hold content only; who owns the response writes start and end.
 */
export type StreamFormat = 'tokens' | 'events' | 'chunks';

export interface StreamOptions {
  readonly format: StreamFormat;
  /** Prefix of the frames' ids in the `events` format: `<generationId>:<sequence>`, content starting at 1. */
  readonly generationId: string;
}

export interface Timings {
  /** From the call to its first content, in milliseconds; null when none came. */
  readonly ttftMs: number | null;
  readonly totalMs: number;
}

/** One call of a provider. */
export interface AttemptRecord {
  readonly provider: string;
  readonly model: string;
  /** Null when it answered. */
  readonly error: ErrorCode | null;
  /** To its first content, its answer or its failure, in milliseconds. */
  readonly latencyMs: number;
}

/** Who answered, and what it took. */
export interface ResponseMetadata {
  /** Without parameters. */
  readonly model: string;
  readonly provider: string;
  /** In order; the last one answered. */
  readonly attempts: readonly AttemptRecord[];
  /** For the caller to read, e.g. that the model they named is gone. */
  readonly warning: string | null;
  /** What the provider told of its limits with this answer; null when it told nothing. */
  readonly rateLimits: RateLimits | null;
}

/** How a stream ended. */
export interface GenerationOutcome {
  readonly status: 'completed' | 'cancelled' | 'failed';
  /** The provider's finish reason (`stop`, `length`, …); null unless completed. */
  readonly finish: string | null;
  readonly usage: Usage;
  /** True when we counted by length, because the provider did not report or was cut off. */
  readonly estimated: boolean;
  /** Null when the price is not known; models inside the platform cost nothing. */
  readonly costUsd: number | null;
  readonly timings: Timings;
  /** The number of the last content frame in the `events` format. */
  readonly sequence: number;
  /** Set unless completed. */
  readonly error?: AppError | undefined;
}

/**
 * An answer that has begun. Read exactly one of the two views, once. Leaving the loop, or aborting the
 * call's signal, cancels the provider's work. A failure is thrown as an `AppError` by the view that is read.
 */
export interface ModelStream extends ResponseMetadata {
  /** For who must understand the answer. */
  events(): AsyncIterable<ContentEvent>;
  /** For who only forwards it: every chunk holds whole frames, so something may be written after any of them. */
  bytes(): AsyncIterable<Uint8Array>;
  /** Never rejects; settles once the view that is read has ended. */
  readonly outcome: Promise<GenerationOutcome>;
}

/** An answer that came in one piece. */
export interface Completion extends ResponseMetadata {
  /** The JSON of an OpenAI `chat.completion`: as it came, where the provider speaks that format. */
  readonly body: string;
  /** The text of its first choice; empty when there is none. */
  readonly text: string;
  readonly finish: string;
  readonly usage: Usage;
  readonly estimated: boolean;
  /** Null when the price is not known; models inside the platform cost nothing. */
  readonly costUsd: number | null;
}

export interface Embeddings extends ResponseMetadata {
  /** The JSON of an OpenAI list of embeddings. */
  readonly body: string;
  readonly usage: Usage;
  readonly estimated: boolean;
  readonly costUsd: number | null;
}

/** What other services may ask of the model service, wherever it runs. */
export interface ModelClient {
  complete(request: ChatRequest, context: CallContext): Promise<Completion>;
  /** Resolves when the first content is there, so a failure to start is an ordinary `AppError`. */
  stream(request: ChatRequest, context: CallContext, options: StreamOptions): Promise<ModelStream>;
  embed(request: EmbeddingRequest, context: CallContext): Promise<Embeddings>;
  models(context: CallContext): Promise<ModelList>;
  /** What the caller itself has used. */
  usage(period: UsagePeriod, context: CallContext): Promise<UsageReport>;
}
