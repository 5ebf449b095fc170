import type { AppError } from '@prodigon/contracts';
import type { ModelProvider, RateLimit, RateLimits } from '@prodigon/ports';
import { BoundedMap } from './bounded-map.ts';

/** A place of one call. Say exactly once that it is over. */
export interface EndpointLease {
  readonly endpoint: ModelProvider;
  learn(limits: RateLimits): void;
  /** Of the failures, only those that speak of the key or its limits matter here. */
  release(failure?: AppError): void;
}

export type Pick = EndpointLease | { readonly endpoint: null; readonly waitMs: number };

interface Endpoint {
  readonly provider: ModelProvider;
  pending: number;
  /** Of this key as a whole, since it was refused; on the clock of `now`. */
  pausedUntil: number;
  /** By model: providers count each by itself. Ids can be made up by callers, so not all are remembered. */
  readonly limits: BoundedMap<string, { until: number; learnt: RateLimits | null }>;
}

/** A key that was refused, or has nothing left to pay with, is not worth asking again soon while there is another. */
const REFUSED_FOR_MS = 60_000;
const MODELS_KEPT = 256;

/**
 * The keys and addresses of one provider. A call goes to the one with the fewest calls in flight of those that may be
 * called: one that has said "not before" is left alone until then, and so is one whose headers say that nothing is left.
 */
export class EndpointPool {
  readonly #endpoints: readonly Endpoint[];
  readonly #now: () => number;
  #turn = 0;

  constructor(providers: readonly ModelProvider[], now: () => number) {
    this.#endpoints = providers.map((provider) => ({
      provider,
      pending: 0,
      pausedUntil: 0,
      limits: new BoundedMap(MODELS_KEPT),
    }));
    this.#now = now;
  }

  pick(model: string): Pick {
    const now = this.#now();
    const count = this.#endpoints.length;
    let best: Endpoint | undefined;
    let waitMs = Number.POSITIVE_INFINITY;
    const isPausing = this.#isPausing(now);
    this.#turn = (this.#turn + 1) % count;
    for (let offset = 0; offset < count; offset++) {
      // Not always from the first: those with equally many calls take turns.
      const endpoint = this.#endpoints[(this.#turn + offset) % count] as Endpoint;
      const until = untilOf(endpoint, model, isPausing);
      if (until > now) waitMs = Math.min(waitMs, until - now);
      else if (!best || endpoint.pending < best.pending) best = endpoint;
    }
    return best ? this.#lease(best, model) : { endpoint: null, waitMs };
  }

  /** Until the first of them may be called for this model, in milliseconds; 0 when one may now. */
  waitMs(model: string): number {
    const now = this.#now();
    const isPausing = this.#isPausing(now);
    const waits = this.#endpoints.map((endpoint) => untilOf(endpoint, model, isPausing) - now);
    return Math.max(0, Math.min(...waits));
  }

  /** Where every key was refused there is none to turn to, and a refusal is not a limit that passes. */
  #isPausing(now: number): boolean {
    return this.#endpoints.some(({ pausedUntil }) => pausedUntil <= now);
  }

  #lease(endpoint: Endpoint, model: string): EndpointLease {
    endpoint.pending += 1;
    return {
      endpoint: endpoint.provider,
      learn: (learnt) => this.#remember(endpoint, model, this.#now() + exhaustedForMs(learnt), learnt),
      release: (failure) => {
        endpoint.pending -= 1;
        if (failure) this.#note(endpoint, model, failure);
      },
    };
  }

  #note(endpoint: Endpoint, model: string, failure: AppError): void {
    const now = this.#now();
    if (failure.code === 'RATE_LIMITED' && failure.retryable) {
      this.#remember(endpoint, model, now + (failure.retryAfterSeconds ?? 1) * 1_000, null);
    } else if (this.#endpoints.length > 1 && isAboutTheKey(failure)) {
      endpoint.pausedUntil = now + REFUSED_FOR_MS;
    }
  }

  #remember({ limits }: Endpoint, model: string, until: number, learnt: RateLimits | null): void {
    const known = limits.get(model);
    limits.set(model, { until: Math.max(until, known?.until ?? 0), learnt: learnt ?? known?.learnt ?? null });
  }
}

/** From when on it may be called. */
function untilOf({ pausedUntil, limits }: Endpoint, model: string, isPausing: boolean): number {
  return Math.max(isPausing ? pausedUntil : 0, limits.get(model)?.until ?? 0);
}

function isAboutTheKey({ code, retryable }: AppError): boolean {
  return !retryable && (code === 'RATE_LIMITED' || code === 'INFERENCE_ERROR');
}

/** For how long nothing is left, by what the provider has told; 0 while there is something. */
function exhaustedForMs({ requests, tokens }: RateLimits): number {
  const wait = (limit: RateLimit | null) => (limit?.remaining === 0 ? (limit.resetMs ?? 0) : 0);
  return Math.max(wait(requests), wait(tokens));
}
