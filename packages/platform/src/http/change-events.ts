import { sleep } from '@prodigon/contracts';

/** Announces changes of objects of any owner. */
export interface ChangeFeed<Change> {
  /** Whether every change is announced now. */
  readonly isConnected: boolean;
  /** Calls back with a change, or with undefined when any object may have changed. */
  subscribe(listener: (change: Change | undefined) => void): () => void;
}

export interface ChangeEventsOptions<Change> {
  readonly changeFeed: ChangeFeed<Change> | undefined;
  readonly ownerId: string;
  readonly idOf: (change: Change) => string;
  /** Formats an event with the ids of the changed objects; null when any may have changed. */
  readonly frameOf: (ids: string[] | null) => string;
  readonly signal: AbortSignal;
}

/** Minimum time between two events, because a running job changes many times a second. */
const INTERVAL_MS = 1_000;
/** Time between two events while changes are not announced. */
const UNANNOUNCED_INTERVAL_MS = 2_000;
/** Maximum ids of one event. */
const IDS_MAX = 100;

/**
 * Yields events with the ids of the owner's changed objects, without a query. The first event, and each one after which
 * changes may have been missed, has null instead: clients then read the list again. Ends when `signal` aborts.
 */
export async function* changeEvents<Change extends { readonly ownerId: string }>({
  changeFeed,
  ownerId,
  idOf,
  frameOf,
  signal,
}: ChangeEventsOptions<Change>): AsyncGenerator<Uint8Array> {
  const changed = new Set<string>();
  let isAnyChanged = true;
  let wake = () => {};
  const unsubscribe = changeFeed?.subscribe((change) => {
    if (change && change.ownerId !== ownerId) return;
    if (change && changed.size < IDS_MAX) changed.add(idOf(change));
    else isAnyChanged = true;
    wake();
  });
  try {
    while (!signal.aborted) {
      if (isAnyChanged || changed.size > 0) {
        const ids = isAnyChanged ? null : [...changed];
        changed.clear();
        isAnyChanged = false;
        yield Buffer.from(frameOf(ids));
      }
      await sleep(INTERVAL_MS, signal).catch(() => {});
      if (changed.size > 0 || isAnyChanged || signal.aborted) continue;
      const isAnnounced = changeFeed?.isConnected ?? false;
      await changeOrTimeout(isAnnounced ? undefined : UNANNOUNCED_INTERVAL_MS - INTERVAL_MS);
      if (!isAnnounced) isAnyChanged = true;
    }
  } finally {
    unsubscribe?.();
  }

  /** Resolves at the next change, after `timeoutMs` or when `signal` aborts. */
  function changeOrTimeout(timeoutMs: number | undefined): Promise<void> {
    return new Promise((resolve) => {
      const timer = timeoutMs === undefined ? undefined : setTimeout(finish, timeoutMs);
      function finish(): void {
        clearTimeout(timer);
        signal.removeEventListener('abort', finish);
        wake = () => {};
        resolve();
      }
      wake = finish;
      signal.addEventListener('abort', finish, { once: true });
    });
  }
}
