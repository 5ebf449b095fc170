import type {
  AppError,
  CacheResult,
  ChatRequest,
  EmbeddingRequest,
  ErrorCode,
  ModelList,
  Usage,
  UsageReport,
  UsageSelection,
} from '@prodigon/contracts';
import type { CallContext } from './call-context.ts';
import type { ContentEvent } from './generation-event.ts';

/**
 * The wire format of `ModelStream.bytes()`: `tokens` is the default of `/api/v1` (JSON strings), `events` the typed events,
 * `chunks` OpenAI's format. All contain only content; the gateway writes the start and the end. `content` is for readers of
 * `ModelStream.events()`.
 */
export type StreamFormat = 'tokens' | 'events' | 'chunks' | 'content';

export interface StreamOptions {
  readonly format: StreamFormat;
  /** Prefix of frame ids in the `events` format: `<generationId>:<sequence>`. Content starts at 1. */
  readonly generationId: string;
}

export interface Timings {
  /** From the call to the first token; null when none arrived. */
  readonly ttftMs: number | null;
  readonly totalMs: number;
}

/** One call of a provider. */
export interface AttemptRecord {
  readonly provider: string;
  readonly model: string;
  /** Null when the call succeeded. */
  readonly error: ErrorCode | null;
  /** To the first token, the response or the failure. */
  readonly latencyMs: number;
}

/** One rate limit of a provider, in requests or tokens. */
export interface RateLimit {
  readonly limit: number | null;
  readonly remaining: number | null;
  /** Milliseconds from the response until the limit is fully restored. */
  readonly resetMs: number | null;
}

/** The rate limits from the headers of one response. */
export interface RateLimits {
  readonly requests: RateLimit | null;
  readonly tokens: RateLimit | null;
}

/** Which model responded, and the provider calls that led to it. */
export interface ResponseMetadata {
  /** Without parameters. */
  readonly model: string;
  readonly provider: string;
  /** In order; the last one responded. */
  readonly attempts: readonly AttemptRecord[];
  /** A warning for the user, e.g. that the requested model is retired. */
  readonly warning: string | null;
  /** The provider's rate limits from the response headers; null when it sent none. */
  readonly rateLimits: RateLimits | null;
  /** Set by the gateway's cache, if there is one. */
  readonly cache?: CacheResult | undefined;
}

/** The outcome of a stream. */
export interface GenerationOutcome {
  readonly status: 'completed' | 'cancelled' | 'failed';
  /** The provider's finish reason (`stop`, `length`, …); null unless completed. */
  readonly finish: string | null;
  readonly usage: Usage;
  /** True when usage is estimated by length, because the provider did not report it or was interrupted. */
  readonly estimated: boolean;
  /** Null when the price is unknown. Offline models cost nothing. */
  readonly costUsd: number | null;
  readonly timings: Timings;
  /** The number of the last content frame in the `events` format. */
  readonly sequence: number;
  /** Set unless completed. */
  readonly error?: AppError | undefined;
}

/**
 * A streamed response. Read exactly one of its two views, once. Leaving the loop or aborting the call's signal cancels the
 * provider call. A view throws every error as an `AppError`.
 */
export interface ModelStream extends ResponseMetadata {
  /** For consumers that parse the response. Requires the format `content`. */
  events(): AsyncIterable<ContentEvent>;
  /** For consumers that forward the response. Every chunk contains complete frames, so that a frame may follow any chunk. */
  bytes(): AsyncIterable<Uint8Array>;
  /** Resolves once the view has ended. Never rejects. */
  readonly outcome: Promise<GenerationOutcome>;
}

/** A unary response. */
export interface Completion extends ResponseMetadata {
  /** The JSON of an OpenAI `chat.completion`, unchanged when the provider uses that format. */
  readonly body: string;
  /** The first choice of the body. Only a model service in the same process has it without parsing the body. */
  readonly choice?: unknown;
  /** The text of the first choice; empty without one. */
  readonly text: string;
  readonly finish: string;
  readonly usage: Usage;
  readonly estimated: boolean;
  /** Null when the price is unknown. Offline models cost nothing. */
  readonly costUsd: number | null;
}

export interface Embeddings extends ResponseMetadata {
  /** The JSON of an OpenAI list of embeddings. */
  readonly body: string;
  readonly usage: Usage;
  readonly estimated: boolean;
  readonly costUsd: number | null;
}

/** The API of the model service for other services, in the same or another process. */
export interface ModelClient {
  complete(request: ChatRequest, context: CallContext): Promise<Completion>;
  /** Resolves when the first content has arrived, so that a failure to start is an ordinary `AppError`. */
  stream(request: ChatRequest, context: CallContext, options: StreamOptions): Promise<ModelStream>;
  embed(request: EmbeddingRequest, context: CallContext): Promise<Embeddings>;
  models(context: CallContext): Promise<ModelList>;
  /** Returns the usage of `context.principal`, or of the selected owner for admins. Throws `FORBIDDEN` for others. */
  usage(selection: UsageSelection, context: CallContext): Promise<UsageReport>;
}
