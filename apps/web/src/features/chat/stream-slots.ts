import { create } from 'zustand';

/** Maximum streams in all tabs. Of six connections, one remains for events and one for all other requests. */
const STREAMS_MAX = 4;
const SLOTS = Array.from({ length: STREAMS_MAX }, (_, slot) => `prodigon.stream.${slot}`);

/** Whether the response of this tab waits until a response in another tab ends. */
export const useStreamSlot = create(() => ({ isWaiting: false }));

type Locks = Pick<LockManager, 'request'>;

export interface StreamSlotOptions {
  /** Undefined if the streams need no limit, or if the browser cannot count them. */
  locks: Locks | undefined;
  onWaiting: (isWaiting: boolean) => void;
}

/**
 * Yields the events of a stream, which starts as soon as fewer than four streams run in all tabs. The browser releases the
 * slot of a tab that crashes. Throws the reason of `signal` if it aborts before the start.
 */
export async function* inStreamSlot<Event>(
  open: () => AsyncIterable<Event>,
  signal: AbortSignal | undefined,
  { locks, onWaiting }: StreamSlotOptions,
): AsyncGenerator<Event> {
  const release = locks && (await acquireSlot(locks, signal, onWaiting));
  try {
    yield* open();
  } finally {
    release?.();
  }
}

async function acquireSlot(
  locks: Locks,
  signal: AbortSignal | undefined,
  onWaiting: StreamSlotOptions['onWaiting'],
): Promise<() => void> {
  for (const slot of SLOTS) {
    const release = await holdLock(locks, slot, { ifAvailable: true });
    if (release) return release;
  }
  onWaiting(true);
  const acquired = new AbortController();
  const cancelled = signal ? AbortSignal.any([signal, acquired.signal]) : acquired.signal;
  try {
    return await Promise.any(
      SLOTS.map(async (slot) => {
        const release = await holdLock(locks, slot, { signal: cancelled });
        // Another slot may have become free at the same time.
        if (!release || acquired.signal.aborted) {
          release?.();
          throw new Error('Another slot was acquired');
        }
        acquired.abort();
        return release;
      }),
    );
  } catch (thrown) {
    signal?.throwIfAborted();
    throw thrown;
  } finally {
    onWaiting(false);
  }
}

/** Acquires a lock. Returns a function that releases it, or undefined if the lock is not available. */
function holdLock(locks: Locks, name: string, options: LockOptions): Promise<(() => void) | undefined> {
  const { promise, resolve, reject } = Promise.withResolvers<(() => void) | undefined>();
  locks
    .request(name, options, (lock) => {
      const { promise: held, resolve: release } = Promise.withResolvers<void>();
      resolve(lock ? release : undefined);
      return lock ? held : undefined;
    })
    .catch(reject);
  return promise;
}

/** The locks that count the streams of all tabs; undefined over HTTP/2 and HTTP/3, where streams share a connection. */
export function streamLocks(): Locks | undefined {
  const [navigation] = performance.getEntriesByType('navigation') as PerformanceNavigationTiming[];
  return navigation && /^h[23]/.test(navigation.nextHopProtocol) ? undefined : navigator.locks;
}
