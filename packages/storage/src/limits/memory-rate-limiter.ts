import type { RateDecision, RateDemand, RateLimiter } from '@prodigon/ports';
import { LRUCache } from 'lru-cache';
import { type Cell, correct, createDecision, ROUNDING_MS, toCell, waitMs } from './gcra.ts';

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
  mirror(demands: readonly RateDemand[], decision: Pick<RateDecision, 'states' | 'refusal'>): RateDecision['settle'];
  occupied(): OccupiedBucket[];
}

interface Bucket {
  occupiedUntilMs: number;
}

/** Beyond it, the bucket that was not used for longest starts anew. */
const BUCKETS_MAX = 20_000;

/** Creates a limiter for the requests of this process. It decides synchronously. */
export function createMemoryRateLimiter({
  share = () => 1,
  now = () => performance.now(),
}: MemoryRateLimiterOptions = {}): MemoryRateLimiter {
  const buckets = new LRUCache<string, Bucket>({ max: BUCKETS_MAX });

  function bucketOf(name: string): Bucket {
    let bucket = buckets.get(name);
    if (!bucket) {
      bucket = { occupiedUntilMs: Number.NEGATIVE_INFINITY };
      buckets.set(name, bucket);
    }
    return bucket;
  }

  function decide(cells: readonly Cell[], used: readonly Bucket[], nowMs: number, refusedIndex: number, retryAfterMs: number) {
    return createDecision({ cells, nowMs, refusedIndex, retryAfterMs }, (index, correction) => {
      const bucket = used[index];
      if (bucket) bucket.occupiedUntilMs = correct(bucket.occupiedUntilMs, correction, now());
    });
  }

  return {
    take(demands) {
      const nowMs = now();
      const ownShare = share();
      const cells = demands.map((demand) => toCell(demand, ownShare));
      const used = demands.map(({ bucket }) => bucketOf(bucket));
      let refusedIndex = -1;
      let retryAfterMs = ROUNDING_MS;
      cells.forEach((cell, index) => {
        cell.untilMs = Math.max(used[index]?.occupiedUntilMs ?? nowMs, nowMs);
        const wait = waitMs(cell, cell.untilMs, nowMs);
        if (wait <= retryAfterMs) return;
        refusedIndex = index;
        retryAfterMs = wait;
      });
      if (refusedIndex < 0) {
        used.forEach((bucket, index) => {
          const cell = cells[index];
          if (cell) bucket.occupiedUntilMs = cell.untilMs += cell.costMs;
        });
      }
      return decide(cells, used, nowMs, refusedIndex, retryAfterMs);
    },
    mirror(demands, { states, refusal }) {
      const nowMs = now();
      const used = demands.map(({ bucket }) => bucketOf(bucket));
      const cells = demands.map((demand, index) => {
        const cell = toCell(demand, 1);
        const bucket = used[index];
        cell.untilMs = nowMs + (states[index]?.resetMs ?? 0);
        if (bucket) bucket.occupiedUntilMs = Math.max(bucket.occupiedUntilMs, cell.untilMs);
        return cell;
      });
      return decide(cells, used, nowMs, refusal?.index ?? -1, 0).settle;
    },
    occupied() {
      const nowMs = now();
      const occupied = [...buckets].map(([bucket, { occupiedUntilMs }]) => ({ bucket, resetMs: occupiedUntilMs - nowMs }));
      return occupied.filter(({ resetMs }) => resetMs > 0);
    },
  };
}
