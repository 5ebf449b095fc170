import type { RateDecision, RateLimiter } from '@prodigon/ports';
import type { MemoryRateLimiter } from '../limits/memory-rate-limiter.ts';
import type { RedisRateLimiter } from './redis-rate-limiter.ts';

export interface MirroredRateLimiterOptions {
  readonly shared: RedisRateLimiter;
  /** Enforces the share of this gateway. */
  readonly local: MemoryRateLimiter;
  /** Decides by the first function, or by the second one without Redis. */
  readonly decide: (shared: () => Promise<RateDecision>, local: () => RateDecision) => RateDecision | Promise<RateDecision>;
}

export interface MirroredRateLimiter extends RateLimiter {
  /** Tells Redis, which may have lost its data, what this gateway knows. */
  restore(): Promise<void>;
}

/**
 * Creates a limiter that continues with its share of what remained when Redis becomes unavailable, and back. A local
 * bucket is occupied for as long as the shared one was: each of n gateways then admits an n-th of what remained. On
 * return, Redis adopts the longest time of all gateways. Both directions admit at most the limit over all gateways.
 *
 * The bound does not cover what a gateway cannot know. A gateway whose last decision on a bucket is older than the
 * requests of others may admit its share of them again, and so may one that returns to Redis before the others.
 */
export function createMirroredRateLimiter({ shared, local, decide }: MirroredRateLimiterOptions): MirroredRateLimiter {
  return {
    take: (demands) =>
      decide(
        () =>
          shared.take(demands).then((decision) => {
            const settleLocally = local.mirror(demands, decision);
            const settle = (used: readonly number[]) => {
              void settleLocally(used);
              return decision.settle(used);
            };
            return { states: decision.states, refusal: decision.refusal, settle };
          }),
        () => local.take(demands),
      ),
    restore: () => shared.occupy(local.occupied()),
  };
}
