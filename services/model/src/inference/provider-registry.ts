import { AppError, type ModelHealth } from '@prodigon/contracts';
import type { Metrics } from '@prodigon/platform';
import type { ModelProvider, ProviderRegistration, RateLimits } from '@prodigon/ports';
import { BoundedMap } from './bounded-map.ts';
import { CircuitBreaker } from './circuit-breaker.ts';
import { EndpointPool } from './endpoint-pool.ts';
import { ModelHealthMeter } from './model-health.ts';
import { RetryBudget } from './retry-budget.ts';
import type { RetryPolicy } from './retry-policy.ts';
import type { Target } from './target.ts';

/** A call that may be made. */
export interface Entrance {
  readonly endpoint: ModelProvider;
  learn(limits: RateLimits): void;
  /** Its first content has come. */
  begun(ttftMs: number): void;
  /** Say exactly once what came of it. */
  settle(failure?: AppError): void;
}

/** Why no call may be made now, and how long that lasts. */
export interface Refusal {
  readonly failure: AppError;
  readonly waitMs: number;
}

interface ProviderState {
  readonly pool: EndpointPool;
  readonly budget: RetryBudget;
  /** By model with its parameters: a fault that one caller simulates is no fault of the others. */
  readonly breakers: BoundedMap<string, CircuitBreaker>;
  /** By id. */
  readonly meters: BoundedMap<string, ModelHealthMeter>;
}

const MODELS_KEPT = 512;
const BREAKER_STATES = { closed: 0, half_open: 1, open: 2 } as const;

export interface TargetBoardOptions {
  policy: RetryPolicy;
  metrics: Metrics;
  /** Milliseconds since the epoch. */
  now: () => number;
}

/** What is known of each provider and model from the calls made so far, and so which may be called next. */
export class TargetBoard {
  readonly #options: TargetBoardOptions;
  readonly #providers = new Map<ProviderRegistration, ProviderState>();

  constructor(options: TargetBoardOptions) {
    this.#options = options;
  }

  enter(target: Target): Entrance | Refusal {
    const { pool, breakers, meters } = this.#stateOf(target.entry);
    const isNew = breakers.get(target.model) === undefined;
    const breaker = this.#breakerIn(breakers, target.model);
    if (isNew) this.#tell(target, breaker);
    const health = this.#meterIn(meters, target.id);
    const stateBefore = breaker.state;
    const permit = breaker.tryEnter();
    if (!permit) {
      const message = `${target.id} has failed several times in a row and is left alone for a moment.`;
      return refusal(new AppError('SERVICE_UNAVAILABLE', message, { retryAfterSeconds: breaker.waitMs / 1_000 }), breaker.waitMs);
    }
    const lease = pool.pick(target.model);
    if (lease.endpoint === null) {
      permit.settledOtherwise();
      const retryAfterSeconds = lease.waitMs / 1_000;
      return refusal(new AppError('RATE_LIMITED', LIMIT_MESSAGE, { retryAfterSeconds }), lease.waitMs);
    }
    let ttftMs: number | null = null;
    return {
      endpoint: lease.endpoint,
      learn: (limits) => lease.learn(limits),
      begun: (ms) => {
        ttftMs = ms;
        // Whoever waits behind a probe need not wait for its last word.
        if (breaker.state !== 'closed') permit.succeeded();
      },
      settle: (failure) => {
        lease.release(failure);
        if (!failure) permit.succeeded();
        else if (isProvidersFault(failure)) permit.failed();
        else permit.settledOtherwise();
        if (!failure) health.succeeded(ttftMs);
        else if (isProvidersFault(failure) || isRefusal(failure)) health.failed(failure);
        if (failure || breaker.state !== stateBefore) this.#tell(target, breaker);
      },
    };
  }

  budgetOf({ entry }: Target): RetryBudget {
    return this.#stateOf(entry).budget;
  }

  healthOf(entry: ProviderRegistration, id: string): ModelHealth {
    const { pool, breakers, meters } = this.#stateOf(entry);
    return this.#meterIn(meters, id).report(this.#breakerIn(breakers, id), pool.waitMs(id));
  }

  #stateOf(entry: ProviderRegistration): ProviderState {
    const { policy, now } = this.#options;
    const known = this.#providers.get(entry);
    if (known) return known;
    const state = {
      pool: new EndpointPool(entry.endpoints, now),
      budget: new RetryBudget(policy.budget),
      breakers: new BoundedMap<string, CircuitBreaker>(MODELS_KEPT),
      meters: new BoundedMap<string, ModelHealthMeter>(MODELS_KEPT),
    };
    this.#providers.set(entry, state);
    return state;
  }

  #tell({ provider, label: model }: Target, { state }: CircuitBreaker): void {
    this.#options.metrics.breakerState.set({ provider, model }, BREAKER_STATES[state]);
  }

  #breakerIn(breakers: ProviderState['breakers'], model: string): CircuitBreaker {
    const { policy, now } = this.#options;
    return breakers.get(model) ?? breakers.set(model, new CircuitBreaker({ ...policy.breaker, now }));
  }

  #meterIn(meters: ProviderState['meters'], id: string): ModelHealthMeter {
    return meters.get(id) ?? meters.set(id, new ModelHealthMeter(this.#options.now));
  }
}

const LIMIT_MESSAGE = 'The model provider is at its limit. Try again later.';

function refusal(failure: AppError, waitMs: number): Refusal {
  return { failure: failure.afterAttempts(0), waitMs };
}

/** It shows that the provider is unwell; a wrong request, a limit or a refused key does not. */
function isProvidersFault({ code, retryable }: AppError): boolean {
  return retryable && (code === 'INFERENCE_ERROR' || code === 'SERVICE_UNAVAILABLE' || code === 'DEADLINE_EXCEEDED');
}

function isRefusal({ code }: AppError): boolean {
  return code === 'INFERENCE_ERROR' || code === 'RATE_LIMITED';
}
