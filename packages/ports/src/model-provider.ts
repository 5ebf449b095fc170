import type { ChatRequest, EmbeddingRequest, ReportedUsage } from '@prodigon/contracts';
import type { CallContext } from './call-context.ts';
import type { ProviderEvent } from './generation-event.ts';
import type { RateLimits } from './model-client.ts';

/** A request with a resolved model: the provider's own id, with the parameters of offline models. */
export type ProviderRequest = ChatRequest & { model: string };
export type ProviderEmbeddingRequest = EmbeddingRequest & { model: string };

export interface ProviderContext extends CallContext {
  /** Receives the rate limits from the response headers, also from those of error responses. */
  readonly onRateLimits?: (limits: RateLimits) => void;
}

export interface ProviderCompletion {
  readonly text: string;
  readonly finish: string;
  /** Null when the provider did not report it. */
  readonly usage: ReportedUsage | null;
  /** The JSON of an OpenAI `chat.completion`, without `usage` unless it is complete; undefined for providers with another format. */
  readonly body?: string;
  /** The first choice of the body, parsed. */
  readonly choice?: unknown;
}

export interface ProviderEmbeddings {
  /** The JSON of an OpenAI list of embeddings, without `usage` unless it is complete. */
  readonly body: string;
  readonly usage: ReportedUsage | null;
}

export interface ProviderModel {
  readonly id: string;
  readonly kind?: 'chat' | 'embedding';
  readonly description?: string | undefined;
}

/**
 * One vendor's API at one address with one key, or an offline model. It throws only `AppError`s with Prodigon's own
 * messages; the vendor's message is the `cause`. Each method makes one call without retries, and cancels it when `context.signal`
 * aborts.
 */
export interface ModelProvider {
  readonly name: string;
  /** Whether the models run inside the platform, without a vendor. */
  readonly offline: boolean;
  /** Whether failures of the model open its circuit breaker. By default they do. */
  opensBreaker?(model: string): boolean;
  /** Lists the models; empty when the provider cannot list them but accepts any id. */
  models(signal: AbortSignal): Promise<readonly ProviderModel[]>;
  complete(request: ProviderRequest, context: ProviderContext): Promise<ProviderCompletion>;
  /**
   * Yields batches of events in order, one for each network read. The call starts with the first `next()`, which throws when the
   * call fails to start. Leaving the loop cancels the call.
   */
  stream(request: ProviderRequest, context: ProviderContext): AsyncIterable<readonly ProviderEvent[]>;
  /** Throws `BAD_REQUEST` when the provider has no embeddings. */
  embed(request: ProviderEmbeddingRequest, context: ProviderContext): Promise<ProviderEmbeddings>;
}
