import { sleep } from '@prodigon/contracts';
import { sseFrame } from '@prodigon/platform';
import type { JobChangeFeed } from '@prodigon/ports';

export interface JobListEventsOptions {
  changeFeed: JobChangeFeed | undefined;
  ownerId: string;
  signal: AbortSignal;
}

/** Minimum time between two events, because a running job changes many times a second. */
const INTERVAL_MS = 1_000;
/** Time between two events while changes are not announced. */
const UNANNOUNCED_INTERVAL_MS = 2_000;
/** Maximum job ids of one event. */
const JOB_IDS_MAX = 100;

/**
 * Yields `jobs` events with the ids of the owner's changed jobs, without a query. The first event, and each one after
 * which changes may have been missed, has null instead: clients then read the list again. Ends when `signal` aborts.
 */
export async function* jobListEvents({ changeFeed, ownerId, signal }: JobListEventsOptions): AsyncGenerator<Uint8Array> {
  const changed = new Set<string>();
  let isAnyChanged = true;
  let wake = () => {};
  const unsubscribe = changeFeed?.subscribe((change) => {
    if (change && change.ownerId !== ownerId) return;
    if (change && changed.size < JOB_IDS_MAX) changed.add(change.jobId);
    else isAnyChanged = true;
    wake();
  });
  try {
    while (!signal.aborted) {
      if (isAnyChanged || changed.size > 0) {
        const job_ids = isAnyChanged ? null : [...changed];
        changed.clear();
        isAnyChanged = false;
        yield Buffer.from(sseFrame('jobs', { job_ids }));
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
