import { AppError, bareModelId, type Model, type ModelList, noDefaultModel, unknownModel } from '@prodigon/contracts';
import { describeCause, type Logger } from '@prodigon/platform';
import type { ModelProvider } from '@prodigon/ports';

export interface ProviderEntry {
  readonly provider: ModelProvider;
  /** Answers when a request names no model; without it, the first one that the provider lists. */
  readonly defaultModel?: string | undefined;
  /** Whether ids that it does not list are worth asking it for. */
  readonly acceptsOtherIds: boolean;
}

export interface ModelDirectoryOptions {
  /** In order of preference: the first is the default one. */
  providers: readonly ProviderEntry[];
  /** Overrides the default provider's default. */
  defaultModel?: string | undefined;
  logger: Logger;
  now?: () => number;
}

export interface ResolvedModel {
  readonly provider: ModelProvider;
  /** As it was asked for, parameters included. */
  readonly model: string;
  readonly isListed: boolean;
}

interface Listing {
  readonly models: readonly Model[];
  readonly problem: AppError | undefined;
  readonly at: number;
}

interface ListingState {
  known: Listing | undefined;
  pending: Promise<Listing> | undefined;
}

const LISTING_TTL_MS = 60_000;
const PROBLEM_TTL_MS = 2_000;
const LISTING_TIMEOUT_MS = 3_000;

/** Which provider answers for which model id. Listings are kept for a minute, and the last good one while a provider fails. */
export class ModelDirectory {
  readonly #options: ModelDirectoryOptions;
  readonly #now: () => number;
  readonly #listings = new Map<ModelProvider, ListingState>();

  constructor(options: ModelDirectoryOptions) {
    this.#options = options;
    this.#now = options.now ?? Date.now;
  }

  async list(): Promise<ModelList> {
    const { providers } = this.#options;
    const listings = await Promise.all(providers.map((entry) => this.#listing(entry)));
    const problems = providers.flatMap(({ provider }, index) => {
      const problem = listings[index]?.problem;
      return problem ? [{ provider: provider.name, message: problem.message }] : [];
    });
    return {
      default_model: (await this.#defaultModel()) ?? null,
      models: listings.flatMap(({ models }) => models),
      accepts_other_ids: providers.some(({ acceptsOtherIds }) => acceptsOtherIds),
      problems,
    };
  }

  /**
   * Who answers for `id`, which may carry parameters (`prodigon-sim?tokens=5`). Throws `UNKNOWN_MODEL`,
   * or `SERVICE_UNAVAILABLE` when no id is given and the default provider cannot say what it has.
   */
  async resolve(id: string | undefined): Promise<ResolvedModel> {
    const model = id ?? (await this.#defaultModel());
    if (model === undefined) throw noDefaultModel();
    const bare = bareModelId(model);
    let taker: ModelProvider | undefined;
    for (const entry of this.#options.providers) {
      const { models, problem } = await this.#listing(entry);
      if (models.some(({ id }) => id === bare)) return { provider: entry.provider, model, isListed: true };
      // One that could not tell what it has may have it; it says so itself if not.
      if (entry.acceptsOtherIds || (problem && models.length === 0)) taker ??= entry.provider;
    }
    if (taker) return { provider: taker, model, isListed: false };
    throw unknownModel(model);
  }

  async #defaultModel(): Promise<string | undefined> {
    const first = this.#options.providers[0];
    const configured = this.#options.defaultModel ?? first?.defaultModel;
    if (configured !== undefined || first === undefined) return configured;
    return (await this.#listing(first)).models[0]?.id;
  }

  async #listing(entry: ProviderEntry): Promise<Listing> {
    const state = this.#stateOf(entry.provider);
    const { known } = state;
    if (known && this.#now() - known.at < (known.problem ? PROBLEM_TTL_MS : LISTING_TTL_MS)) return known;
    state.pending ??= this.#ask(entry, known).then((listing) => {
      state.known = listing;
      state.pending = undefined;
      return listing;
    });
    // A list that is only old is good enough while a new one is on its way.
    return known && known.models.length > 0 ? known : state.pending;
  }

  #stateOf(provider: ModelProvider): ListingState {
    const state = this.#listings.get(provider) ?? { known: undefined, pending: undefined };
    this.#listings.set(provider, state);
    return state;
  }

  async #ask({ provider }: ProviderEntry, known: Listing | undefined): Promise<Listing> {
    try {
      return { models: await provider.models(AbortSignal.timeout(LISTING_TIMEOUT_MS)), problem: undefined, at: this.#now() };
    } catch (thrown) {
      const problem = AppError.from(thrown);
      this.#options.logger.warn(
        { provider: provider.name, code: problem.code, ...describeCause(problem) },
        `${provider.name} does not list its models`,
      );
      return { models: known?.models ?? [], problem, at: this.#now() };
    }
  }
}
