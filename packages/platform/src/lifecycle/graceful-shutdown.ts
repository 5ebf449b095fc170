import { AppError, sleep } from '@prodigon/contracts';

export interface LifecycleOptions {
  /**
   * Milliseconds after `drain()` in which the process is unready but still accepts calls, so that load balancers notice first.
   * In the last second, or in the last half of a shorter notice, it accepts calls only on open connections.
   */
  readonly noticeMs?: number;
  /** Milliseconds that open calls may take to finish after the notice. */
  readonly drainTimeoutMs: number;
  /** Milliseconds that aborted calls may take to send their error. */
  readonly graceMs?: number;
}

/** Tracks the open calls of one process, and drains them before it stops. */
export interface Lifecycle {
  /** Whether the process will stop, so that it should receive no new calls. */
  readonly isStopping: boolean;
  /** Whether the process rejects new calls. */
  readonly isDraining: boolean;
  /**
   * Aborts when the process should accept no more connections, shortly before the end of a notice. A proxy that cannot
   * connect sends the request elsewhere, even one that it must not repeat. Without a notice, it never aborts.
   */
  readonly refusing: AbortSignal;
  /** Aborts as soon as the process rejects new calls, to end calls that would never finish, such as streams of events. */
  readonly draining: AbortSignal;
  readonly activeCalls: number;
  /** Counts a call as open until the returned function is called. */
  track(call: AbortController): () => void;
  /** Resolves when no call is open, or the open ones have been aborted. Repeated calls return the same promise. */
  drain(): Promise<void>;
}

/** Long enough for a proxy under load to try a new connection. */
const REFUSAL_MS = 1_000;

/**
 * Creates the lifecycle of one process. Draining makes the process unready first, so that it receives no new work. Open
 * calls then finish, and those that exceed the timeout are aborted with an error that their clients can read.
 */
export function createLifecycle({ noticeMs = 0, drainTimeoutMs, graceMs = 1_000 }: LifecycleOptions): Lifecycle {
  const calls = new Set<AbortController>();
  let stopping: Promise<void> | undefined;
  const refusing = new AbortController();
  const draining = new AbortController();
  let onIdle: (() => void) | undefined;

  async function drain(): Promise<void> {
    if (noticeMs > 0) {
      const refusalMs = Math.min(REFUSAL_MS, noticeMs / 2);
      await sleep(noticeMs - refusalMs);
      refusing.abort();
      await sleep(refusalMs);
    }
    draining.abort();
    if (await isIdleWithin(drainTimeoutMs)) return;
    const reason = new AppError('SERVICE_UNAVAILABLE', 'The service is shutting down.', { retryAfterSeconds: 1 });
    for (const call of calls) call.abort(reason);
    await isIdleWithin(graceMs);
  }

  async function isIdleWithin(ms: number): Promise<boolean> {
    if (calls.size === 0) return true;
    const { promise, resolve } = Promise.withResolvers<boolean>();
    const timer = setTimeout(() => resolve(false), ms);
    onIdle = () => resolve(true);
    const isIdle = await promise;
    clearTimeout(timer);
    return isIdle;
  }

  return {
    get isStopping() {
      return stopping !== undefined;
    },
    get isDraining() {
      return draining.signal.aborted;
    },
    refusing: refusing.signal,
    draining: draining.signal,
    get activeCalls() {
      return calls.size;
    },
    track(call) {
      calls.add(call);
      return () => {
        calls.delete(call);
        if (calls.size === 0) onIdle?.();
      };
    },
    drain() {
      stopping ??= drain();
      return stopping;
    },
  };
}
