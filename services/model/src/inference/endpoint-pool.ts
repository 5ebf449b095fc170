import type { AppError, ErrorCode } from '@prodigon/contracts';
import type { ModelProvider, RateLimit, RateLimits } from '@prodigon/ports';
import { LRUCache } from 'lru-cache';

/** One key of a provider at one of its addresses. */
export interface Endpoint {
  readonly provider: ModelProvider;
  pendingCalls: number;
  /** Time until which a refused key is skipped, by the pool's clock. */
  pausedUntil: number;
  /** Time at which each rate-limited model may be called again. Clients can invent ids, so the map is bounded. */
  readonly limitedUntil: LRUCache<string, number>;
}

/**
 * The keys and addresses of one provider. A call goes to the available endpoint with the fewest calls in flight. An
 * endpoint is unavailable until the time that its `Retry-After` or its rate-limit headers name.
 */
export interface EndpointPool {
  /** Reserves an endpoint, or returns how long until one is available. Release a reserved endpoint exactly once. */
  acquire(model: string): Endpoint | { readonly waitMs: number };
  recordRateLimits(endpoint: Endpoint, model: string, limits: RateLimits): void;
  release(endpoint: Endpoint, model: string, failure?: AppError): void;
  /** Milliseconds until an endpoint is available for this model; 0 when one is available now. */
  waitMs(model: string): number;
}

/** How long a refused key is skipped while the provider has another one. */
const REFUSED_KEY_PAUSE_MS = 60_000;
const DEFAULT_RETRY_AFTER_S = 1;
const MODELS_MAX = 256;
const KEY_ERRORS: ReadonlySet<ErrorCode> = new Set(['PROVIDER_KEY_REFUSED', 'QUOTA_EXHAUSTED']);

export function createEndpointPool(providers: readonly ModelProvider[], now: () => number): EndpointPool {
  const endpoints = providers.map(
    (provider): Endpoint => ({
      provider,
      pendingCalls: 0,
      pausedUntil: 0,
      limitedUntil: new LRUCache({ max: MODELS_MAX }),
    }),
  );
  let turn = 0;

  /** Returns true while every key is paused, because a pause serves only to prefer other keys. */
  const arePausesIgnored = (at: number) => endpoints.every(({ pausedUntil }) => pausedUntil > at);

  const availableAt = ({ pausedUntil, limitedUntil }: Endpoint, model: string, ignoresPause: boolean) =>
    Math.max(ignoresPause ? 0 : pausedUntil, limitedUntil.get(model) ?? 0);

  function limit({ limitedUntil }: Endpoint, model: string, forMs: number): void {
    limitedUntil.set(model, Math.max(now() + forMs, limitedUntil.get(model) ?? 0));
  }

  return {
    acquire(model) {
      const at = now();
      let best: Endpoint | undefined;
      let waitMs = Number.POSITIVE_INFINITY;
      const ignoresPause = arePausesIgnored(at);
      // Endpoints with equally many calls take turns.
      turn = (turn + 1) % endpoints.length;
      for (let offset = 0; offset < endpoints.length; offset++) {
        const endpoint = endpoints[(turn + offset) % endpoints.length] as Endpoint;
        const until = availableAt(endpoint, model, ignoresPause);
        if (until > at) waitMs = Math.min(waitMs, until - at);
        else if (!best || endpoint.pendingCalls < best.pendingCalls) best = endpoint;
      }
      if (!best) return { waitMs };
      best.pendingCalls += 1;
      return best;
    },

    recordRateLimits: (endpoint, model, limits) => limit(endpoint, model, exhaustedForMs(limits)),

    release(endpoint, model, failure) {
      endpoint.pendingCalls -= 1;
      if (failure?.code === 'RATE_LIMITED') {
        limit(endpoint, model, (failure.retryAfterSeconds ?? DEFAULT_RETRY_AFTER_S) * 1_000);
      } else if (failure && endpoints.length > 1 && KEY_ERRORS.has(failure.code)) {
        endpoint.pausedUntil = now() + REFUSED_KEY_PAUSE_MS;
      }
    },

    waitMs(model) {
      const at = now();
      const ignoresPause = arePausesIgnored(at);
      return Math.max(0, Math.min(...endpoints.map((endpoint) => availableAt(endpoint, model, ignoresPause) - at)));
    },
  };
}

/** Returns the milliseconds until the limits reset if the headers report no remaining capacity, else 0. */
function exhaustedForMs({ requests, tokens }: RateLimits): number {
  const resetMs = (limit: RateLimit | null) => (limit?.remaining === 0 ? (limit.resetMs ?? 0) : 0);
  return Math.max(resetMs(requests), resetMs(tokens));
}
