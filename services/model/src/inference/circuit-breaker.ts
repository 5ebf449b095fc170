import { LRUCache } from 'lru-cache';

export interface CircuitBreakerOptions {
  /** Consecutive failures that open the breaker. */
  readonly failuresMax: number;
  /** How long the breaker first stays open, in milliseconds. Each failed probe doubles it, up to `openMsMax`. */
  readonly openMs: number;
  readonly openMsMax: number;
  /** Returns the current time in milliseconds. */
  readonly now: () => number;
  readonly onOpen?: () => void;
}

/** A call that the breaker admits. A probe is the one call that passes while the breaker is half-open. */
export type Admission = 'regular' | 'probe';

/**
 * Rejects calls to a model that fails repeatedly. While closed, it admits every call; while open, none; while
 * half-open, one probe, whose result closes or reopens it.
 */
export interface CircuitBreaker {
  readonly state: 'closed' | 'open' | 'half_open';
  /** Milliseconds until the next call may pass; 0 when one may pass now. */
  readonly waitMs: number;
  /** Returns null while the breaker rejects calls. Report the result of an admitted call exactly once. */
  admit(): Admission | null;
  recordSuccess(): void;
  recordFailure(admission: Admission): void;
  /** Ends a call that reveals nothing about the model's health: the client disconnected, or the request was invalid. */
  release(admission: Admission): void;
}

export function createCircuitBreaker(options: CircuitBreakerOptions): CircuitBreaker {
  const { failuresMax, openMsMax, now, onOpen = () => {} } = options;
  let failures = 0;
  let openUntil: number | undefined;
  let openMs = options.openMs;
  let isProbing = false;

  function waitMs(): number {
    if (openUntil === undefined) return 0;
    const remainingMs = openUntil - now();
    // The duration of a running probe is unknown.
    return remainingMs > 0 ? remainingMs : isProbing ? options.openMs : 0;
  }

  return {
    get state() {
      if (openUntil === undefined) return 'closed';
      return isProbing || now() >= openUntil ? 'half_open' : 'open';
    },
    get waitMs() {
      return waitMs();
    },
    admit() {
      if (waitMs() > 0) return null;
      isProbing = openUntil !== undefined;
      return isProbing ? 'probe' : 'regular';
    },
    recordSuccess() {
      failures = 0;
      openUntil = undefined;
      isProbing = false;
      openMs = options.openMs;
    },
    recordFailure(admission) {
      failures += 1;
      if (admission === 'probe') {
        isProbing = false;
        openMs = Math.min(openMsMax, openMs * 2);
      } else if (openUntil !== undefined || failures < failuresMax) return;
      openUntil = now() + openMs;
      onOpen();
    },
    release(admission) {
      if (admission === 'probe') isProbing = false;
    },
  };
}

const BREAKERS_MAX = 512;

/**
 * Returns a function that returns the breaker of a key and creates it if necessary. Clients can invent keys, so only the
 * most recently used breakers are kept. Open breakers are always kept: a flood of keys must not evict them.
 */
export function createCircuitBreakers(options: Omit<CircuitBreakerOptions, 'onOpen'>): (key: string) => CircuitBreaker {
  const recent = new LRUCache<string, CircuitBreaker>({ max: BREAKERS_MAX });
  const open = new Map<string, CircuitBreaker>();

  function create(key: string): CircuitBreaker {
    const breaker = createCircuitBreaker({
      ...options,
      onOpen() {
        for (const [other, { state }] of open) if (state !== 'open') open.delete(other);
        open.set(key, breaker);
      },
    });
    return breaker;
  }

  return (key) => {
    const breaker = open.get(key) ?? recent.get(key) ?? create(key);
    recent.set(key, breaker);
    return breaker;
  };
}
