import type { Price } from '@prodigon/contracts';
import type { ModelProvider } from './model-provider.ts';

/** Metadata of a model. Undefined fields are unknown. */
export interface ModelMetadata {
  readonly description?: string | undefined;
  readonly kind?: 'chat' | 'embedding' | undefined;
  readonly contextTokens?: number | undefined;
  readonly outputTokensMax?: number | undefined;
  readonly price?: Price | undefined;
  /** Models that replace it, in order, when it fails before its first token. */
  readonly fallbacks?: readonly string[] | undefined;
  readonly aliases?: readonly string[] | undefined;
  readonly timeouts?: ModelTimeouts | undefined;
}

/** Timeouts of a provider. */
export interface ModelTimeouts {
  readonly firstTokenMs?: number | undefined;
  readonly idleMs?: number | undefined;
}

/** The model `use` replaces the retired one from the day `on` (YYYY-MM-DD). Before, responses carry a warning. */
export interface Retirement {
  readonly on: string;
  readonly use: string;
}

/** A provider as registered with the model service. */
export interface ProviderRegistration {
  /** At least one endpoint. All have the same models under different keys or addresses. A call may use any of them. */
  readonly endpoints: readonly ModelProvider[];
  /** The model for requests that name none; by default the first one that the provider lists. */
  readonly defaultModel?: string | undefined;
  /** Whether the provider accepts ids that it does not list. */
  readonly acceptsOtherIds?: boolean | undefined;
  /** Whether the provider accepts values that OpenAI's API rejects, e.g. a temperature of 5. */
  readonly acceptsOtherValues?: boolean | undefined;
  /** Metadata by id. When set, only these of the listed models are offered. */
  readonly models?: Readonly<Record<string, ModelMetadata>> | undefined;
  readonly retired?: Readonly<Record<string, Retirement>> | undefined;
  readonly timeouts?: ModelTimeouts | undefined;
}

/** Returns an endpoint of a provider, for the properties that all of them share. */
export function endpointOf({ endpoints: [first] }: ProviderRegistration): ModelProvider {
  if (!first) throw new TypeError('A provider needs an endpoint.');
  return first;
}
