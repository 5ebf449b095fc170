import type { ChatRequest, EmbeddingRequest, Usage } from '@prodigon/contracts';
import type { CallContext } from './call-context.ts';
import type { ProviderEvent } from './generation-event.ts';
import type { RateLimits } from './rate-limits.ts';

/** A request whose model has been settled: the provider's own id, parameters of offline models included. */
export type ProviderRequest = ChatRequest & { model: string };
export type ProviderEmbeddingRequest = EmbeddingRequest & { model: string };

export interface ProviderContext extends CallContext {
  /** Told what the answer's headers say of the provider's limits, whatever the answer is. */
  readonly onRateLimits?: (limits: RateLimits) => void;
}

export interface ProviderCompletion {
  readonly text: string;
  readonly finish: string;
  /** Null when the provider did not report it. */
  readonly usage: Usage | null;
  /** The JSON of an OpenAI `chat.completion` as it came; providers of another format leave it out. */
  readonly body?: string;
}

export interface ProviderEmbeddings {
  /** The JSON of an OpenAI list of embeddings. */
  readonly body: string;
  readonly usage: Usage | null;
}

export interface ProviderModel {
  readonly id: string;
  readonly kind?: 'chat' | 'embedding';
  readonly description?: string | undefined;
}

/**
 * One vendor's API under one address and one key, or a model that runs inside the platform. Everything it throws is an
 * `AppError` whose message is ours: the vendor's words are its `cause`. It makes one call and tries nothing again, and
 * stops its work when `context.signal` aborts.
 */
export interface ModelProvider {
  readonly name: string;
  /** Runs without any vendor. */
  readonly offline: boolean;
  /** Models to offer; empty when the provider cannot list them but takes any id. */
  models(signal: AbortSignal): Promise<readonly ProviderModel[]>;
  complete(request: ProviderRequest, context: ProviderContext): Promise<ProviderCompletion>;
  /**
   * Batches of events in order, each what one read brought. Begins its work when first asked; a failure
   * to start is thrown by the first `next()`. Leaving the loop cancels it.
   */
  stream(request: ProviderRequest, context: ProviderContext): AsyncIterable<readonly ProviderEvent[]>;
  /** Throws `BAD_REQUEST` where there are none. */
  embed(request: ProviderEmbeddingRequest, context: ProviderContext): Promise<ProviderEmbeddings>;
}
