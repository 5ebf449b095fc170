import type { RateDecision, RateDemand } from '@prodigon/ports';
import { createDecision, toCell } from '../limits/gcra.ts';
import type { OccupiedBucket } from '../limits/memory-rate-limiter.ts';
import { createRateBatch, type RateBatch } from './rate-batch.ts';
import { OCCUPY_SCRIPT } from './rate-scripts.ts';
import type { RedisConnection } from './redis-connection.ts';

/** Redis serves nobody else during a script. */
const SCRIPT_KEYS_MAX = 500;

export interface RedisRateLimiterOptions {
  readonly connection: Pick<RedisConnection, 'run'>;
  /** Start of every key. */
  readonly prefix?: string;
  /** Returns milliseconds. By default, the clock of Redis decides. */
  readonly now?: () => number;
}

/** A limiter that gateways share. `take` rejects while Redis is unavailable. */
export interface RedisRateLimiter {
  take(demands: readonly RateDemand[]): Promise<RateDecision>;
  /** Occupies each bucket at least for its time. Never fails: the next return of Redis follows a loss. */
  occupy(buckets: readonly OccupiedBucket[]): Promise<void>;
}

/**
 * Creates a limiter that sends all decisions and corrections of one turn of the event loop in one command, because a command
 * costs the gateway more than a decision.
 */
export function createRedisRateLimiter({
  connection,
  prefix = 'prodigon:rate:',
  now,
}: RedisRateLimiterOptions): RedisRateLimiter {
  const time = () => now?.() ?? '';
  let open: RateBatch | null = null;

  /** Returns a batch that is not full. An immediate sends it after all requests that have arrived are read. */
  function batch(): RateBatch {
    if (open && !open.isFull()) return open;
    const next = createRateBatch({ prefix, sizeMax: SCRIPT_KEYS_MAX });
    open = next;
    setImmediate(() => {
      if (open === next) open = null;
      void next.send((script, keys, values) => connection.run((redis) => script(redis, keys, [time(), ...values])));
    });
    return next;
  }

  return {
    async take(demands) {
      const cells = demands.map((demand) => toCell(demand, 1));
      const taken = await batch().take(cells);
      return createDecision({ cells, ...taken }, (index, correction) => batch().correct(cells[index]?.bucket ?? '', correction));
    },
    async occupy(buckets) {
      const parts: Promise<unknown>[] = [];
      for (let start = 0; start < buckets.length; start += SCRIPT_KEYS_MAX) {
        const part = buckets.slice(start, start + SCRIPT_KEYS_MAX);
        const keys = part.map(({ bucket }) => `${prefix}${bucket}`);
        const values = [time(), ...part.map(({ resetMs }) => resetMs)];
        parts.push(connection.run((redis) => OCCUPY_SCRIPT(redis, keys, values)));
      }
      await Promise.allSettled(parts);
    },
  };
}
