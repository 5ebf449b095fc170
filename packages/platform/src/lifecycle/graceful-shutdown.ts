import { AppError } from '@prodigon/contracts';

export interface LifecycleOptions {
  /** Milliseconds that open calls may take to finish after `drain()`. */
  readonly drainTimeoutMs: number;
  /** Milliseconds that aborted calls may take to send their error. */
  readonly graceMs?: number;
}

/** Tracks the open calls of one process, and drains them before it stops. */
export interface Lifecycle {
  readonly isDraining: boolean;
  readonly activeCalls: number;
  /** Counts a call as open until the returned function is called. */
  track(call: AbortController): () => void;
  /** Resolves when no call is open, or the open ones have been aborted. Repeated calls return the same promise. */
  drain(): Promise<void>;
}

/**
 * Creates the lifecycle of one process. Draining makes the process unready first, so that it receives no new work. Open
 * calls then finish, and those that exceed the timeout are aborted with an error that their clients can read.
 */
export function createLifecycle({ drainTimeoutMs, graceMs = 1_000 }: LifecycleOptions): Lifecycle {
  const calls = new Set<AbortController>();
  let draining: Promise<void> | undefined;
  let onIdle: (() => void) | undefined;

  async function drain(): Promise<void> {
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
    get isDraining() {
      return draining !== undefined;
    },
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
      draining ??= drain();
      return draining;
    },
  };
}
