import {
  AppError,
  baseModelId,
  type Model,
  type ModelHealth,
  type ModelList,
  type ModelNames,
  noDefaultModelError,
  resolveModelId,
  unknownModelError,
} from '@prodigon/contracts';
import type { Logger } from '@prodigon/platform';
import { endpointOf, type ModelMetadata, type ProviderRegistration } from '@prodigon/ports';
import { ListingCache } from './model-list-cache.ts';
import type { Target } from './target.ts';

export interface ModelDirectoryOptions {
  /** In order of preference: the first is the default one. */
  providers: readonly ProviderRegistration[];
  /** Overrides the default provider's default. */
  defaultModel?: string | undefined;
  /** Answers for any model without a fallback of its own. */
  fallbackModel?: string | undefined;
  logger: Logger;
  /** Milliseconds since the epoch. */
  now?: () => number;
  healthOf: (entry: ProviderRegistration, id: string) => ModelHealth;
}

export interface Resolution {
  /** Who may answer, in this order; at least one. */
  readonly targets: readonly Target[];
  readonly warning: string | null;
}

type Kind = NonNullable<ModelMetadata['kind']>;

const DAY_MS = 86_400_000;

/** Which provider answers for which model id, and who in its place. */
export class ModelDirectory {
  readonly #options: ModelDirectoryOptions;
  readonly #now: () => number;
  readonly #listings: ListingCache;
  readonly #names: ModelNames;
  #date = '';
  #dateEndsAt = 0;

  constructor(options: ModelDirectoryOptions) {
    this.#options = options;
    this.#now = options.now ?? Date.now;
    this.#names = namesOf(options.providers);
    this.#listings = new ListingCache({ logger: options.logger, now: this.#now });
  }

  async list(): Promise<ModelList> {
    const { providers } = this.#options;
    const listings = await Promise.all(providers.map((entry) => this.#listings.of(entry)));
    const problems = providers.flatMap((entry, index) => {
      const problem = listings[index]?.problem;
      return problem ? [{ provider: endpointOf(entry).name, message: problem.message }] : [];
    });
    return {
      default_model: (await this.#default('chat')) ?? null,
      models: providers.flatMap((entry, index) => (listings[index]?.offered ?? []).map((id) => this.#describe(entry, id))),
      retired: [...this.#names.retired],
      accepts_other_ids: providers.some(({ acceptsOtherIds }) => acceptsOtherIds),
      problems,
    };
  }

  /**
   * Who answers for `id`, which may be an alias and carry parameters (`prodigon-sim?tokens=5`). Throws `UNKNOWN_MODEL`,
   * or `SERVICE_UNAVAILABLE` when no id is given and the default provider cannot say what it has.
   */
  async resolve(id: string | undefined, kind: Kind): Promise<Resolution> {
    const named = id ?? (await this.#default(kind));
    if (named === undefined) {
      if (kind === 'embedding') throw new AppError('UNKNOWN_MODEL', 'No provider offers a model for embeddings.');
      throw noDefaultModelError();
    }
    const { model, warning } = resolveModelId(named, this.#names, this.#today);
    const target = await this.#find(model);
    if (!target) throw unknownModelError(named);
    return { targets: [target, ...(kind === 'chat' ? await this.#fallbacksOf(target) : [])], warning };
  }

  /** In UTC. Each request asks, so it is worked out once a day. */
  get #today(): string {
    const now = this.#now();
    if (now >= this.#dateEndsAt || now < this.#dateEndsAt - DAY_MS) {
      this.#date = new Date(now).toISOString().slice(0, 10);
      this.#dateEndsAt = (Math.floor(now / DAY_MS) + 1) * DAY_MS;
    }
    return this.#date;
  }

  async #find(model: string): Promise<Target | undefined> {
    const id = baseModelId(model);
    let taker: Target | undefined;
    for (const entry of this.#options.providers) {
      const { known, problem } = await this.#listings.of(entry);
      if (known.has(id)) return toTarget(entry, model, id);
      // One that could not tell what it has may have it; it says so itself if not.
      if (entry.acceptsOtherIds || (problem && known.size === 0)) taker ??= toTarget(entry, model, 'other');
    }
    return taker;
  }

  #fallbackIds(id: string, { fallbacks = [] }: ModelMetadata): string[] {
    const { fallbackModel } = this.#options;
    const last = fallbackModel === undefined || fallbackModel === id || fallbacks.includes(fallbackModel) ? [] : [fallbackModel];
    return [...fallbacks, ...last];
  }

  /** Models inside the platform neither stand in for a provider nor are replaced by one. */
  async #fallbacksOf(target: Target): Promise<Target[]> {
    if (target.offline) return [];
    const ids = this.#fallbackIds(target.id, target.facts);
    const found: Target[] = [];
    for (const id of ids) {
      const fallback = await this.#find(resolveModelId(id, this.#names, this.#today).model);
      const isNew = fallback && ![target, ...found].some(({ entry, id }) => entry === fallback.entry && id === fallback.id);
      if (isNew && !fallback.offline) found.push(fallback);
    }
    return found;
  }

  async #default(kind: Kind): Promise<string | undefined> {
    const { providers, defaultModel } = this.#options;
    const [first] = providers;
    if (kind === 'chat') {
      const configured = defaultModel ?? first?.defaultModel;
      if (configured !== undefined || first === undefined) return configured;
    }
    // For embeddings the default provider may have none, and then the next one's will do: it is named in the answer.
    for (const entry of kind === 'chat' ? [first as ProviderRegistration] : providers) {
      const { offered, kinds } = await this.#listings.of(entry);
      const found = offered.find((id) => (kinds.get(id) ?? 'chat') === kind);
      if (found !== undefined) return found;
    }
    return undefined;
  }

  #describe(entry: ProviderRegistration, id: string): Model {
    const { name, offline } = endpointOf(entry);
    const facts = entry.models?.[id] ?? {};
    const listed = this.#listings.factsOf(entry, id);
    const retirement = entry.retired?.[id];
    const description = facts.description ?? listed?.description;
    return {
      id,
      provider: name,
      offline,
      kind: facts.kind ?? listed?.kind ?? 'chat',
      ...(description !== undefined && { description }),
      aliases: [
        ...(facts.aliases ?? []),
        ...Object.entries(entry.retired ?? {}).flatMap(([old, { use }]) => (use === id ? [old] : [])),
      ],
      context_tokens: facts.contextTokens ?? null,
      output_tokens_max: facts.outputTokensMax ?? null,
      price: offline ? { input: 0, output: 0 } : (facts.price ?? null),
      fallbacks: offline ? [] : this.#fallbackIds(id, facts),
      retires_on: retirement?.on ?? null,
      health: this.#options.healthOf(entry, id),
    };
  }
}

function toTarget(entry: ProviderRegistration, model: string, label: string): Target {
  const { name: provider, offline } = endpointOf(entry);
  const id = baseModelId(model);
  return { entry, provider, offline, model, id, label, facts: entry.models?.[id] ?? {} };
}

function namesOf(providers: readonly ProviderRegistration[]): ModelNames {
  return {
    models: providers.flatMap(({ models = {} }) =>
      Object.entries(models).map(([id, { aliases = [] }]) => ({ id, aliases: [...aliases] })),
    ),
    retired: providers.flatMap((entry) =>
      Object.entries(entry.retired ?? {}).map(([id, { on, use }]) => ({ id, provider: endpointOf(entry).name, on, use })),
    ),
  };
}
