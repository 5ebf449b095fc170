import {
  AppError,
  baseModelId,
  type ModelHealth,
  type ModelList,
  type ModelNames,
  noDefaultModelError,
  resolveModelId,
  unknownModelError,
  wrongKindError,
} from '@prodigon/contracts';
import { type Logger, logFailure } from '@prodigon/platform';
import { endpointOf, type ModelMetadata, type ProviderModel, type ProviderRegistration } from '@prodigon/ports';
import { createModelList, type Listing } from './model-list.ts';

export interface ModelCatalogOptions {
  /** In order of preference: the first one is the default. */
  providers: readonly ProviderRegistration[];
  /** Overrides the default model of the default provider. */
  defaultModel?: string | undefined;
  /** Fallback of every model, after its own fallbacks. */
  fallbackModel?: string | undefined;
  logger: Logger;
  /** Milliseconds since the epoch. */
  now?: () => number;
  healthOf: (registration: ProviderRegistration, id: string) => ModelHealth;
}

/** A model of a provider that can serve a request. */
export interface Target {
  readonly registration: ProviderRegistration;
  /** The provider's name. */
  readonly provider: string;
  readonly offline: boolean;
  /** The provider's own id, with the parameters of offline models. */
  readonly model: string;
  /** The id without parameters. */
  readonly id: string;
  /** The id in metrics. Ids that clients invent become `other`, which bounds the number of labels. */
  readonly label: string;
  readonly metadata: ModelMetadata;
  /** Undefined when unknown. */
  readonly kind?: Kind | undefined;
}

export interface Resolution {
  /** The requested model and its fallbacks, in the order of the calls. */
  readonly targets: readonly [Target, ...Target[]];
  readonly warning: string | null;
}

type Kind = NonNullable<ModelMetadata['kind']>;

/** Maps model ids to the providers that serve them, and to their fallbacks. */
export interface ModelCatalog {
  /** Returns the id without parameters of the model that an id, an alias or a retired id refers to. */
  idOf(name: string): string;
  list(): Promise<ModelList>;
  /**
   * Finds the targets of `id`, which may be an alias and carry parameters (`prodigon-sim?tokens=5`). Throws
   * `UNKNOWN_MODEL`, `BAD_REQUEST` for a model of the other kind, or `SERVICE_UNAVAILABLE` when there is no id and the default provider cannot list its models.
   */
  resolve(id: string | undefined, kind: Kind): Promise<Resolution>;
}

const DAY_MS = 86_400_000;

export function createModelCatalog(options: ModelCatalogOptions): ModelCatalog {
  const { providers, defaultModel, fallbackModel, logger, now = Date.now, healthOf } = options;
  const names = namesOf(providers);
  const listingOf = createListingCache({ logger, now });
  const endpoints = new Map(providers.map((registration) => [registration, endpointOf(registration)]));
  let date = { text: '', startsAt: Number.NaN };

  /** Returns today's date in UTC. Every request needs it, so it is formatted once a day. */
  function today(): string {
    const at = now();
    const startsAt = at - (at % DAY_MS);
    if (startsAt !== date.startsAt) date = { text: new Date(at).toISOString().slice(0, 10), startsAt };
    return date.text;
  }

  function toTarget(registration: ProviderRegistration, { kinds }: Listing, model: string, isListed: boolean): Target {
    const id = baseModelId(model);
    const { name: provider = '', offline = false } = endpoints.get(registration) ?? {};
    const label = isListed ? id : 'other';
    const metadata = registration.models?.[id] ?? {};
    return { registration, provider, offline, model, id, label, metadata, kind: kinds.get(id) };
  }

  async function find(model: string): Promise<Target | undefined> {
    const id = baseModelId(model);
    let candidate: Target | undefined;
    for (const registration of providers) {
      const listing = await listingOf(registration);
      const { known, problem } = listing;
      if (known.has(id)) return toTarget(registration, listing, model, true);
      // A provider that cannot list its models may offer this one. If not, it returns an error.
      if (registration.acceptsOtherIds || (problem && known.size === 0))
        candidate ??= toTarget(registration, listing, model, false);
    }
    return candidate;
  }

  function fallbackIdsOf({ models }: ProviderRegistration, id: string): readonly string[] {
    const fallbacks = models?.[id]?.fallbacks ?? [];
    const hasCommonFallback = fallbackModel !== undefined && fallbackModel !== id && !fallbacks.includes(fallbackModel);
    return hasCommonFallback ? [...fallbacks, fallbackModel] : fallbacks;
  }

  /** Returns the fallbacks of a target. Offline models have no fallbacks and are not used as fallbacks. */
  async function fallbacksOf(target: Target): Promise<Target[]> {
    if (target.offline) return [];
    const found: Target[] = [];
    for (const id of fallbackIdsOf(target.registration, target.id)) {
      const fallback = await find(resolveModelId(id, names, today()).model);
      if (!fallback || fallback.offline) continue;
      const isKnown = [target, ...found].some(
        ({ registration, id }) => registration === fallback.registration && id === fallback.id,
      );
      if (!isKnown) found.push(fallback);
    }
    return found;
  }

  async function findDefault(kind: Kind): Promise<string | undefined> {
    const [first] = providers;
    if (kind === 'chat') {
      const configured = defaultModel ?? first?.defaultModel;
      if (configured !== undefined || first === undefined) return configured;
    }
    // Any provider may supply the default for embeddings; the response names it.
    for (const registration of kind === 'chat' ? [first as ProviderRegistration] : providers) {
      const { offered, kinds } = await listingOf(registration);
      const found = offered.find((id) => (kinds.get(id) ?? 'chat') === kind);
      if (found !== undefined) return found;
    }
    return undefined;
  }

  return {
    idOf: (name) => baseModelId(resolveModelId(name, names, today()).model),

    async list() {
      const listed = providers.map(async (registration) => ({ registration, listing: await listingOf(registration) }));
      return createModelList({
        providers: await Promise.all(listed),
        defaultModel: await findDefault('chat'),
        retired: names.retired,
        fallbackIdsOf,
        healthOf,
      });
    },

    async resolve(id, kind) {
      const named = id ?? (await findDefault(kind));
      if (named === undefined) {
        if (kind === 'embedding') throw new AppError('UNKNOWN_MODEL', 'No provider offers a model for embeddings.');
        throw noDefaultModelError();
      }
      const { model, warning } = resolveModelId(named, names, today());
      const target = await find(model);
      if (!target) throw unknownModelError(named);
      if (target.kind !== undefined && target.kind !== kind) throw wrongKindError(target.id, target.kind);
      return { targets: [target, ...(kind === 'chat' ? await fallbacksOf(target) : [])], warning };
    },
  };
}

function namesOf(providers: readonly ProviderRegistration[]): ModelNames {
  return {
    models: providers.flatMap(({ models = {} }) =>
      Object.entries(models).map(([id, { aliases = [] }]) => ({ id, aliases: [...aliases] })),
    ),
    retired: providers.flatMap((registration) =>
      Object.entries(registration.retired ?? {}).map(([id, { on, use }]) => ({
        id,
        provider: endpointOf(registration).name,
        on,
        use,
      })),
    ),
  };
}

const LISTING_TTL_MS = 60_000;
const FAILED_LISTING_TTL_MS = 2_000;
const LISTING_TIMEOUT_MS = 3_000;

/** Creates a function that lists each provider's models at most once a minute. After a failure it returns the last good list. */
function createListingCache({ logger, now }: { logger: Logger; now: () => number }) {
  const cached = new Map<ProviderRegistration, { listing: Listing; expiresAt: number }>();
  const pending = new Map<ProviderRegistration, Promise<Listing>>();

  async function refresh(registration: ProviderRegistration, previous: Listing | undefined): Promise<Listing> {
    const provider = endpointOf(registration);
    let models = previous?.models ?? [];
    let problem: AppError | undefined;
    try {
      models = await provider.models(AbortSignal.timeout(LISTING_TIMEOUT_MS));
    } catch (thrown) {
      problem = AppError.from(thrown);
      const message = `${provider.name} does not list its models`;
      logFailure(logger, { level: 'warn', failure: problem, fields: { provider: provider.name }, message });
    }
    const listing = toListing(registration, models, problem);
    cached.set(registration, { listing, expiresAt: now() + (problem ? FAILED_LISTING_TTL_MS : LISTING_TTL_MS) });
    return listing;
  }

  return async (registration: ProviderRegistration): Promise<Listing> => {
    const { listing, expiresAt = 0 } = cached.get(registration) ?? {};
    if (listing && now() < expiresAt) return listing;
    const refreshed = pending.get(registration) ?? refresh(registration, listing).finally(() => pending.delete(registration));
    pending.set(registration, refreshed);
    // An expired list is good enough while a new one is being fetched.
    return listing && listing.known.size > 0 ? listing : refreshed;
  };
}

/** Returns a listing that offers only the models with metadata, or all models if none has metadata. */
function toListing(
  { models: configured = {} }: ProviderRegistration,
  models: readonly ProviderModel[],
  problem?: AppError,
): Listing {
  const listedIds = models.map(({ id }) => id);
  const configuredIds = Object.keys(configured);
  const offered = configuredIds.filter((id) => models.length === 0 || listedIds.includes(id));
  return {
    models,
    offered: offered.length > 0 ? offered : listedIds,
    known: new Set([...listedIds, ...configuredIds]),
    kinds: new Map([
      ...models.flatMap(({ id, kind }) => (kind ? [[id, kind] as const] : [])),
      ...Object.entries(configured).flatMap(([id, { kind }]) => (kind ? [[id, kind] as const] : [])),
    ]),
    problem,
  };
}
