import type { RateDecision, RateDemand, RateLimiter } from '@prodigon/ports';
import { LRUCache } from 'lru-cache';
import { type Correction, correct, createDecision, ROUNDING_MS, toCells, waitMs } from './gcra.ts';

export interface MemoryRateLimiterOptions {
  /** Returns the share of every limit that this process enforces. */
  readonly share?: () => number;
  /** Returns milliseconds of a clock that never goes back. */
  readonly now?: () => number;
}

/** A bucket that past requests occupy. */
export interface OccupiedBucket {
  readonly bucket: string;
  /** Milliseconds until the whole limit remains. */
  readonly resetMs: number;
}

export interface MemoryRateLimiter extends RateLimiter {
  take(demands: readonly RateDemand[]): RateDecision;
  /**
   * Occupies the buckets for at least as long as another limiter has decided. Returns a function that corrects them, as
   * `settle` of the decision does there.
   */
  mirror(demands: readonly RateDemand[], decision: Pick<RateDecision, 'states' | 'refusal'>): (used: readonly number[]) => void;
  occupied(): OccupiedBucket[];
}

/** Beyond it, the bucket that was not used for longest starts anew. */
const BUCKETS_MAX = 20_000;

/** Creates a limiter for the requests of this process. It decides synchronously. */
export function createMemoryRateLimiter({
  share = () => 1,
  now = () => performance.now(),
}: MemoryRateLimiterOptions = {}): MemoryRateLimiter {
  const occupiedUntil = new LRUCache<string, number>({ max: BUCKETS_MAX });

  function applyCorrections(corrections: readonly Correction[]): void {
    const nowMs = now();
    for (const correction of corrections) {
      occupiedUntil.set(correction.bucket, correct(occupiedUntil.get(correction.bucket) ?? nowMs, correction, nowMs));
    }
  }

  return {
    take(demands) {
      const nowMs = now();
      const cells = toCells(demands, share());
      const times = cells.map(({ bucket }) => occupiedUntil.get(bucket) ?? nowMs);
      let refusedIndex = -1;
      let retryAfterMs = ROUNDING_MS;
      cells.forEach((cell, index) => {
        const wait = waitMs(cell, times[index] ?? nowMs, nowMs);
        if (wait <= retryAfterMs) return;
        refusedIndex = index;
        retryAfterMs = wait;
      });
      if (refusedIndex < 0) {
        cells.forEach(({ bucket, costMs }, index) => {
          const taken = Math.max(times[index] ?? nowMs, nowMs) + costMs;
          times[index] = taken;
          occupiedUntil.set(bucket, taken);
        });
      }
      return createDecision({ cells, occupiedUntilMs: times, nowMs, refusedIndex, retryAfterMs }, applyCorrections);
    },
    mirror(demands, { states, refusal }) {
      const nowMs = now();
      const times = states.map(({ resetMs }) => nowMs + resetMs);
      demands.forEach(({ bucket }, index) => {
        occupiedUntil.set(bucket, Math.max(occupiedUntil.get(bucket) ?? nowMs, times[index] ?? nowMs));
      });
      const taken = { cells: toCells(demands, 1), occupiedUntilMs: times, nowMs, retryAfterMs: 0 };
      const { settle } = createDecision({ ...taken, refusedIndex: refusal?.index ?? -1 }, applyCorrections);
      return settle;
    },
    occupied() {
      const nowMs = now();
      const buckets = [...occupiedUntil].map(([bucket, untilMs]) => ({ bucket, resetMs: untilMs - nowMs }));
      return buckets.filter(({ resetMs }) => resetMs > 0);
    },
  };
}
