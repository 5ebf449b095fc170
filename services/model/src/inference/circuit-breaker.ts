import type { AppError } from '@prodigon/contracts';
import { LRUCache } from 'lru-cache';

export interface CircuitBreakerOptions {
  /** Consecutive failed requests that open the breaker. */
  readonly failuresMax: number;
  /** How long the breaker first stays open, in milliseconds. Each failed probe doubles it, up to `openMsMax`. */
  readonly openMs: number;
  readonly openMsMax: number;
  /** Returns the current time in milliseconds. */
  readonly now: () => number;
  readonly onOpen?: () => void;
}

/** Identifies a request, over all of its calls. */
export interface RequestOrigin {
  /** The caller's id. */
  readonly caller: string;
  /** A fingerprint of the request's content. Read only after failures, because it costs time. */
  readonly fingerprint: string;
}

/** A call that the breaker admits. A probe is the one call that passes while the breaker is half-open. */
export type Admission = 'regular' | 'probe';

/**
 * Rejects calls to a model that fails repeatedly. While closed, it admits every call; while open, none; while
 * half-open, one probe, whose result closes or reopens it.
 *
 * It rejects only what the failures have in common: failures of one caller reject that caller, and failures of one
 * request reject equal requests. Other calls pass, and the first of them that succeeds closes the breaker.
 */
export interface CircuitBreaker {
  readonly state: 'closed' | 'open' | 'half_open';
  /** Milliseconds until the next call may pass; 0 when one may pass now. */
  readonly waitMs: number;
  /** Whether its failures concern every request of every known caller. */
  readonly concernsAll: boolean;
  /** The latest failure since the last success. */
  readonly lastError: AppError | undefined;
  /** Whether the breaker is not closed and its failures concern this origin. */
  isOpenFor(origin: RequestOrigin): boolean;
  /** Returns null while the breaker rejects calls of this origin. Report the result of an admitted call exactly once. */
  admit(origin?: RequestOrigin): Admission | null;
  recordSuccess(): void;
  /** Counts a failed call, once for each request. A failure without details concerns all callers. */
  recordFailure(admission: Admission, failure?: BreakerFailure): void;
  /** Ends a call that reveals nothing about the model's health: the client disconnected, or the request was invalid. */
  release(admission: Admission): void;
}

export interface BreakerFailure {
  /** Identifies the request, so that its retries do not count. */
  readonly request: RequestOrigin;
  readonly error?: AppError;
  /** Whether any other request would have failed too. */
  readonly concernsAll?: boolean;
}

/** What the failures have in common. An undefined field differed between them. */
type Scope = Partial<RequestOrigin>;

export function createCircuitBreaker(options: CircuitBreakerOptions): CircuitBreaker {
  const { failuresMax, openMsMax, now, onOpen = () => {} } = options;
  let failures = 0;
  let openUntil: number | undefined;
  let openMs = options.openMs;
  let isProbing = false;
  let scope: Scope | undefined;
  let lastError: AppError | undefined;
  let firstCaller: string | undefined;
  let hasSeveralCallers = false;
  let counted = new WeakSet<RequestOrigin>();

  function isInScope(origin: RequestOrigin | undefined): boolean {
    if (!origin || !scope) return true;
    const { caller, fingerprint } = scope;
    return (
      (caller === undefined || caller === origin.caller) && (fingerprint === undefined || fingerprint === origin.fingerprint)
    );
  }

  function widenScope(origin: RequestOrigin | undefined): void {
    if (!origin) scope = {};
    else if (!scope) scope = { caller: origin.caller, fingerprint: origin.fingerprint };
    else {
      const { caller, fingerprint } = scope;
      scope = {
        ...(caller === origin.caller && { caller }),
        ...(fingerprint !== undefined && fingerprint === origin.fingerprint && { fingerprint }),
      };
    }
  }

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
    get concernsAll() {
      return scope?.fingerprint === undefined && (scope?.caller === undefined || !hasSeveralCallers);
    },
    get lastError() {
      return lastError;
    },
    isOpenFor: (origin) => openUntil !== undefined && isInScope(origin),
    admit(origin) {
      firstCaller ??= origin?.caller;
      if (origin && origin.caller !== firstCaller) hasSeveralCallers = true;
      if (waitMs() > 0) return isInScope(origin) ? null : 'regular';
      isProbing = openUntil !== undefined;
      return isProbing ? 'probe' : 'regular';
    },
    recordSuccess() {
      failures = 0;
      openUntil = undefined;
      isProbing = false;
      openMs = options.openMs;
      scope = undefined;
      lastError = undefined;
      counted = new WeakSet();
    },
    recordFailure(admission, failure) {
      widenScope(failure?.concernsAll ? undefined : failure?.request);
      lastError = failure?.error;
      const isRetry = failure !== undefined && counted.has(failure.request);
      if (failure) counted.add(failure.request);
      if (!isRetry) failures += 1;
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
