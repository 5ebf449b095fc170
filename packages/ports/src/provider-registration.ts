import type { Price } from '@prodigon/contracts';
import type { ModelProvider } from './model-provider.ts';

/** What is known of a model besides its id. Whatever is missing is not known. */
export interface ModelMetadata {
  readonly description?: string | undefined;
  readonly kind?: 'chat' | 'embedding' | undefined;
  readonly contextTokens?: number | undefined;
  readonly outputTokensMax?: number | undefined;
  readonly price?: Price | undefined;
  /** Who answers in its place when it fails before its first word, in this order. */
  readonly fallbacks?: readonly string[] | undefined;
  readonly aliases?: readonly string[] | undefined;
  readonly timeouts?: ModelTimeouts | undefined;
}

/** How long a provider may take, in milliseconds. */
export interface ModelTimeouts {
  readonly firstTokenMs?: number | undefined;
  readonly idleMs?: number | undefined;
}

/** From `on` (YYYY-MM-DD) `use` answers in its place; before, it is announced. */
export interface Retirement {
  readonly on: string;
  readonly use: string;
}

/** A provider as the model service knows it. */
export interface ProviderRegistration {
  /** At least one: a call may go to any of them. They offer the same models under other keys or addresses. */
  readonly endpoints: readonly ModelProvider[];
  /** Answers when a request names no model; without it, the first one that the provider lists. */
  readonly defaultModel?: string | undefined;
  /** Whether ids that it does not list are worth asking it for. */
  readonly acceptsOtherIds?: boolean | undefined;
  /** By id. Where there are any of these, only they are offered of what the provider lists. */
  readonly models?: Readonly<Record<string, ModelMetadata>> | undefined;
  readonly retired?: Readonly<Record<string, Retirement>> | undefined;
  readonly timeouts?: ModelTimeouts | undefined;
}

/** Any of its endpoints, for what they have in common. */
export function endpointOf({ endpoints: [first] }: ProviderRegistration): ModelProvider {
  if (!first) throw new TypeError('A provider needs an endpoint.');
  return first;
}
