import type { ModelMetadata, ProviderRegistration } from '@prodigon/ports';

/** A model of a provider that may answer a request. */
export interface Target {
  readonly entry: ProviderRegistration;
  /** The provider's name. */
  readonly provider: string;
  readonly offline: boolean;
  /** The provider's own id, parameters of offline models included: a simulated fault is no fault of the others. */
  readonly model: string;
  /** The same without parameters. */
  readonly id: string;
  /** For metrics: an id that somebody makes up is `other`, or labels would grow without a bound. */
  readonly label: string;
  readonly facts: ModelMetadata;
}
