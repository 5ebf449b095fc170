import type { ProviderChange, ProviderState } from '@prodigon/contracts';
import type { CallContext } from './call-context.ts';

/** The provider settings of the model service, for callers in the same or another process. No result contains a key. */
export interface ProviderSettingsClient {
  list(context: CallContext): Promise<readonly ProviderState[]>;
  /**
   * Calls the provider with the settings, then stores and applies them. When the provider refuses them or cannot be
   * reached, throws its error and changes nothing. Throws `NOT_FOUND` for an unknown provider, `CONFLICT` for one that
   * environment variables configure, and `VALIDATION_ERROR` for settings that the provider does not have, or for a
   * change without `api_key` that would send the stored key to another server.
   */
  save(name: string, change: ProviderChange, context: CallContext): Promise<void>;
  /** Deletes the stored settings of a provider, if any. Throws `NOT_FOUND` for an unknown provider. */
  remove(name: string, context: CallContext): Promise<void>;
  /** Applies the settings that another replica has stored. */
  reload(context: CallContext): Promise<void>;
}
