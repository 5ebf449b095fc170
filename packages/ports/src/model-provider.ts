import type { ChatRequest, Model, Usage } from '@prodigon/contracts';
import type { CallContext } from './call-context.ts';
import type { ProviderEvent } from './generation-event.ts';

/** A request whose model has been settled: the provider's own id, parameters of offline models included. */
export type ProviderRequest = ChatRequest & { model: string };

export interface ProviderCompletion {
  readonly text: string;
  readonly finish: string;
  /** Null when the provider did not report it. */
  readonly usage: Usage | null;
}

/**
 * One vendor's API, or a model that runs inside the platform. Everything it throws is an `AppError`
 * whose message is ours: the vendor's words are its `cause`. It stops its work when `context.signal` aborts.
 */
export interface ModelProvider {
  readonly name: string;
  /** Runs without any vendor. */
  readonly offline: boolean;
  /** Models to offer; empty when the provider cannot list them but takes any id. */
  models(signal: AbortSignal): Promise<readonly Model[]>;
  complete(request: ProviderRequest, context: CallContext): Promise<ProviderCompletion>;
  /**
   * Batches of events in order, each what one read brought. Begins its work when first asked; a failure
   * to start is thrown by the first `next()`. Leaving the loop cancels it.
   */
  stream(request: ProviderRequest, context: CallContext): AsyncIterable<readonly ProviderEvent[]>;
}
