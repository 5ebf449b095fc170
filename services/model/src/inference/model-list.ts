import type { AppError, Model, ModelHealth, ModelList, RetiredModel } from '@prodigon/contracts';
import { endpointOf, type ProviderModel, type ProviderRegistration } from '@prodigon/ports';

/** The models of one provider. */
export interface Listing {
  readonly models: readonly ProviderModel[];
  /** Ids that the model list shows. */
  readonly offered: readonly string[];
  /** All ids that the provider is known to serve. */
  readonly known: ReadonlySet<string>;
  /** Only the known kinds. */
  readonly kinds: ReadonlyMap<string, Model['kind']>;
  readonly problem: AppError | undefined;
}

export interface ModelListOptions {
  /** Every provider with the models that it lists. */
  providers: readonly { readonly registration: ProviderRegistration; readonly listing: Listing }[];
  defaultModel: string | undefined;
  retired: readonly RetiredModel[];
  fallbackIdsOf: (registration: ProviderRegistration, id: string) => readonly string[];
  healthOf: (registration: ProviderRegistration, id: string) => ModelHealth;
}

/** Builds the response of GET `/api/v1/models`. */
export function createModelList({ providers, defaultModel, retired, fallbackIdsOf, healthOf }: ModelListOptions): ModelList {
  function describe(registration: ProviderRegistration, { models }: Listing, id: string): Model {
    const { name, offline } = endpointOf(registration);
    const metadata = registration.models?.[id] ?? {};
    const listed = models.find((model) => model.id === id);
    const description = metadata.description ?? listed?.description;
    const retiredIds = Object.entries(registration.retired ?? {}).flatMap(([old, { use }]) => (use === id ? [old] : []));
    return {
      id,
      provider: name,
      offline,
      kind: metadata.kind ?? listed?.kind ?? 'chat',
      ...(description !== undefined && { description }),
      aliases: [...(metadata.aliases ?? []), ...retiredIds],
      context_tokens: metadata.contextTokens ?? null,
      output_tokens_max: metadata.outputTokensMax ?? null,
      price: offline ? { input: 0, output: 0 } : (metadata.price ?? null),
      fallbacks: offline ? [] : [...fallbackIdsOf(registration, id)],
      retires_on: registration.retired?.[id]?.on ?? null,
      health: healthOf(registration, id),
    };
  }

  return {
    default_model: defaultModel ?? null,
    models: providers.flatMap(({ registration, listing }) => listing.offered.map((id) => describe(registration, listing, id))),
    retired: [...retired],
    accepts_other_ids: providers.some(({ registration }) => registration.acceptsOtherIds),
    problems: providers.flatMap(({ registration, listing: { problem } }) =>
      problem ? [{ provider: endpointOf(registration).name, message: problem.message }] : [],
    ),
  };
}
