import type { LeasedItem, WorkerSession } from './lease-store.ts';

/**
 * Order in which items run: round-robin over owners; for one owner by priority, then by age. The rows of the items are
 * the source of truth; a queue only caches where to look.
 */
export interface JobQueue {
  /** Announces new items. A queue also finds items without an announcement, but later. */
  notify(): void;
  /** Leases up to `max` pending items to the session. Returns none when the session has expired. */
  claim(session: WorkerSession, max: number): Promise<readonly LeasedItem[]>;
}
