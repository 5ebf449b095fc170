import type { RateLimiter, StreamLimiter, WrongKeyLimiter } from '@prodigon/ports';
import { createMemoryRateLimiter } from './memory-rate-limiter.ts';
import { createMemoryStreamLimiter } from './memory-stream-limiter.ts';
import { createWrongKeyLimiter } from './wrong-key-limiter.ts';

/** The limiters of one gateway. */
export interface Limits {
  readonly rates: RateLimiter;
  readonly streams: StreamLimiter;
  readonly wrongKeys: WrongKeyLimiter;
  close(): Promise<void>;
}

/** Creates limiters without Redis. Each of several gateways enforces its share of every limit. */
export function createMemoryLimits({ gateways = 1 }: { readonly gateways?: number } = {}): Limits {
  const share = () => 1 / gateways;
  return {
    rates: createMemoryRateLimiter({ share }),
    streams: createMemoryStreamLimiter({ share }),
    // Buckets of their own, so that guesses from many addresses displace no other limits.
    wrongKeys: createWrongKeyLimiter(createMemoryRateLimiter({ share })),
    close: async () => {},
  };
}
