import type { CacheFlight, LookupOptions, ResponseCache } from '@prodigon/ports';
import { LRUCache } from 'lru-cache';

export interface MemoryResponseCacheOptions {
  readonly ttlMs: number;
  /** Bytes of all responses and their keys. The least recently used responses make room for new ones. */
  readonly bytesMax: number;
  /** Milliseconds of a monotonic clock. */
  readonly now?: () => number;
}

/** The largest response that a cache stores. Few completions are larger, and a shared cache sends each one over the network. */
export const RESPONSE_BYTES_MAX = 1 << 20;
/** The memory of an entry besides its response: about 400 bytes with the key, measured over 100,000 entries. */
const ENTRY_OVERHEAD_BYTES = 512;

interface Flight {
  readonly waiting: Set<(result: FlightResult) => void>;
}
type FlightResult = Parameters<CacheFlight['end']>[0];

/** Creates a cache for one process. */
export function createMemoryResponseCache(options: MemoryResponseCacheOptions): ResponseCache {
  const { ttlMs, bytesMax, now = () => performance.now() } = options;
  const responseBytesMax = Math.min(RESPONSE_BYTES_MAX, bytesMax - ENTRY_OVERHEAD_BYTES);
  const responses = new LRUCache<string, Uint8Array>({
    ttl: ttlMs,
    maxSize: bytesMax,
    sizeCalculation: (response) => response.length + ENTRY_OVERHEAD_BYTES,
    perf: { now },
    // Zero reads the clock for every lookup; otherwise a timer keeps the time of the last one.
    ttlResolution: 0,
  });
  const flights = new Map<string, Flight>();

  function begin(key: string): CacheFlight {
    const flight: Flight = { waiting: new Set() };
    flights.set(key, flight);
    return {
      end(result) {
        if (flights.get(key) !== flight) return;
        flights.delete(key);
        for (const resolve of flight.waiting) resolve(result);
      },
    };
  }

  return {
    responseBytesMax,
    async lookup(key, { waitMs, signal }) {
      const until = performance.now() + waitMs;
      let ended: FlightResult | 'late' | undefined;
      for (;;) {
        const response = responses.get(key);
        if (response) return { result: 'hit', response };
        if (ended === 'completed' || ended === 'late') return { result: 'miss', flight: null };
        const flight = flights.get(key);
        if (!flight) return { result: 'miss', flight: begin(key) };
        ended = await endOf(flight, { waitMs: until - performance.now(), signal });
      }
    },
    async store(key, response) {
      if (response.length > responseBytesMax) return;
      // Small buffers are parts of larger ones, which an entry would keep in memory.
      responses.set(key, new Uint8Array(response));
    },
  };
}

/** Resolves when the flight ends, or with `late`. */
function endOf({ waiting }: Flight, { waitMs, signal }: LookupOptions): Promise<FlightResult | 'late'> {
  signal.throwIfAborted();
  const { promise, resolve, reject } = Promise.withResolvers<FlightResult | 'late'>();
  const timer = setTimeout(resolve, Math.max(waitMs, 0), 'late');
  const onAbort = () => reject(signal.reason);
  signal.addEventListener('abort', onAbort, { once: true });
  waiting.add(resolve);
  return promise.finally(() => {
    clearTimeout(timer);
    signal.removeEventListener('abort', onAbort);
    waiting.delete(resolve);
  });
}
