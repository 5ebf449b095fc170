import { AppError } from '@prodigon/contracts';
import { describeCause, type Logger } from '@prodigon/platform';
import { endpointOf, type ProviderModel, type ProviderRegistration } from '@prodigon/ports';

export interface Listing {
  /** The ids to show. */
  readonly offered: readonly string[];
  /** The ids that the provider is known to have, shown or not. */
  readonly known: ReadonlySet<string>;
  readonly kinds: ReadonlyMap<string, NonNullable<ProviderModel['kind']>>;
  readonly problem: AppError | undefined;
}

interface Answer {
  readonly models: readonly ProviderModel[];
  readonly listing: Listing;
  readonly at: number;
}

interface ListingState {
  answer: Answer | undefined;
  pending: Promise<Answer> | undefined;
}

const LISTING_TTL_MS = 60_000;
const PROBLEM_TTL_MS = 2_000;
const LISTING_TIMEOUT_MS = 3_000;

/** What each provider has, asked again after a minute; while it fails, the last good list. */
export class ListingCache {
  readonly #logger: Logger;
  readonly #now: () => number;
  readonly #states = new Map<ProviderRegistration, ListingState>();

  constructor({ logger, now }: { logger: Logger; now: () => number }) {
    this.#logger = logger;
    this.#now = now;
  }

  async of(entry: ProviderRegistration): Promise<Listing> {
    const state = this.#stateOf(entry);
    const { answer } = state;
    const ttlMs = answer?.listing.problem ? PROBLEM_TTL_MS : LISTING_TTL_MS;
    if (answer && this.#now() - answer.at < ttlMs) return answer.listing;
    state.pending ??= this.#ask(entry, answer).then((newest) => {
      state.answer = newest;
      state.pending = undefined;
      return newest;
    });
    // A list that is only old is good enough while a new one is on its way.
    return (answer && answer.listing.known.size > 0 ? answer : await state.pending).listing;
  }

  /** As the provider itself describes it; undefined before it was asked, or when it does not list it. */
  factsOf(entry: ProviderRegistration, id: string): ProviderModel | undefined {
    return this.#stateOf(entry).answer?.models.find((model) => model.id === id);
  }

  #stateOf(entry: ProviderRegistration): ListingState {
    const state = this.#states.get(entry) ?? { answer: undefined, pending: undefined };
    this.#states.set(entry, state);
    return state;
  }

  async #ask(entry: ProviderRegistration, before: Answer | undefined): Promise<Answer> {
    const provider = endpointOf(entry);
    let models = before?.models ?? [];
    let problem: AppError | undefined;
    try {
      models = await provider.models(AbortSignal.timeout(LISTING_TIMEOUT_MS));
    } catch (thrown) {
      problem = AppError.from(thrown);
      this.#logger.warn(
        { provider: provider.name, code: problem.code, ...describeCause(problem) },
        `${provider.name} does not list its models`,
      );
    }
    return { models, listing: toListing(entry, models, problem), at: this.#now() };
  }
}

/** Of a long list of a provider, those that we know something of are worth showing; of an unknown one, all are. */
function toListing({ models: facts = {} }: ProviderRegistration, models: readonly ProviderModel[], problem?: AppError): Listing {
  const listed = models.map(({ id }) => id);
  const described = Object.keys(facts);
  const both = described.filter((id) => models.length === 0 || listed.includes(id));
  return {
    offered: both.length > 0 ? both : listed,
    known: new Set([...listed, ...described]),
    kinds: new Map([
      ...models.map(({ id, kind = 'chat' }) => [id, kind] as const),
      ...Object.entries(facts).flatMap(([id, { kind }]) => (kind ? [[id, kind] as const] : [])),
    ]),
    problem,
  };
}
