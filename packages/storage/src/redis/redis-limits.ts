import { randomUUID } from 'node:crypto';
import { AppError } from '@prodigon/contracts';
import type { Logger, Metrics } from '@prodigon/platform';
import type { StreamDecision, StreamDemand, StreamLimiter } from '@prodigon/ports';
import type { Limits } from '../limits/memory-limits.ts';
import { createMemoryRateLimiter } from '../limits/memory-rate-limiter.ts';
import { createMemoryStreamLimiter } from '../limits/memory-stream-limiter.ts';
import { createWrongKeyLimiter } from '../limits/wrong-key-limiter.ts';
import { createMirroredRateLimiter } from './mirrored-rate-limiter.ts';
import type { RedisConnection } from './redis-connection.ts';
import { openRedisGatewayRegistry } from './redis-gateway-registry.ts';
import { createRedisRateLimiter } from './redis-rate-limiter.ts';
import { createRedisStreamLeases } from './redis-stream-leases.ts';

export interface RedisLimitsOptions {
  readonly connection: RedisConnection;
  /** The number of gateways until Redis has told it. */
  readonly gateways: number;
  /** Receives a warning for each transition. */
  readonly logger?: Logger | undefined;
  /** Receives the gauge `limits_local`. */
  readonly metrics?: Metrics | undefined;
}

/**
 * Opens limiters that all gateways share through Redis. While Redis is unavailable, each gateway enforces its share of
 * every limit in its own memory. Resolves when Redis knows this gateway, or is unavailable.
 */
export async function openRedisLimits({ connection, gateways, logger, metrics }: RedisLimitsOptions): Promise<Limits> {
  const registry = await openRedisGatewayRegistry({ connection, id: randomUUID(), gateways });
  const share = () => 1 / registry.count();
  const onReturn = () => {
    for (const limiter of [rates, wrongKeyRates]) void limiter.restore();
  };
  const mode = createLimitsMode({ connection, gateways: registry.count, logger, metrics, onReturn });
  const leases = createRedisStreamLeases({ connection });
  const sharedRates = createRedisRateLimiter({ connection });
  const createRates = () =>
    createMirroredRateLimiter({ shared: sharedRates, local: createMemoryRateLimiter({ share }), decide: mode.decide });
  const rates = createRates();
  // Buckets of their own, so that guesses from many addresses displace no other limits.
  const wrongKeyRates = createRates();

  const localStreams = createMemoryStreamLimiter({ share });
  const streams: StreamLimiter = {
    acquire(demands: readonly StreamDemand[]) {
      const stream = randomUUID();
      /** Counts the stream here as well, for the time without Redis, and in Redis, for the time after it. */
      const admit = (end: () => void): StreamDecision => {
        leases.keep(stream, demands);
        return {
          isAdmitted: true,
          release() {
            end();
            return leases.release(stream);
          },
        };
      };
      return mode.decide<StreamDecision>(
        async () => {
          const index = await leases.acquire(stream, demands);
          if (index >= 0) return { isAdmitted: false, index, max: demands[index]?.max ?? 0 };
          return admit(localStreams.add(demands));
        },
        () => {
          const decision = localStreams.acquire(demands);
          return decision.isAdmitted ? admit(decision.release) : decision;
        },
      );
    },
  };

  return {
    rates,
    streams,
    wrongKeys: createWrongKeyLimiter(wrongKeyRates),
    async close() {
      mode.close();
      leases.close();
      await registry.close();
    },
  };
}

interface LimitsModeOptions extends Pick<RedisLimitsOptions, 'connection' | 'logger' | 'metrics'> {
  gateways: () => number;
  /** Called when the gateways share their limits again. */
  onReturn: () => void;
}

/** Decides through Redis, or locally without it, and reports each transition. */
function createLimitsMode({ connection, gateways, logger, metrics, onReturn }: LimitsModeOptions) {
  metrics?.registry.registerMetric(metrics.limitsLocal);
  let isLocal = false;

  function change(next: boolean, thrown?: unknown): void {
    if (isLocal === next) return;
    isLocal = next;
    metrics?.limitsLocal.set(next ? 1 : 0);
    if (!next) onReturn();
    // The connection logs why Redis is unavailable.
    const err = thrown instanceof AppError ? undefined : thrown;
    if (next) logger?.warn({ gateways: gateways(), err }, 'This gateway enforces its share of all limits on its own');
    else logger?.warn('The gateways share their limits through Redis again');
  }
  const unsubscribe = connection.onChange((isAvailable) => change(!isAvailable));

  return {
    decide<Decision>(shared: () => Promise<Decision>, local: () => Decision): Decision | Promise<Decision> {
      if (!connection.isAvailable()) return local();
      return shared().then(
        (decision) => {
          change(false);
          return decision;
        },
        (thrown: unknown) => {
          change(true, thrown);
          return local();
        },
      );
    },
    close: unsubscribe,
  };
}
