import type { LeasedItem, WorkerSession } from './lease-store.ts';

/**
 * Which items are worked on next: owners take turns, and of one owner the more urgent and older job goes
 * first. The rows of the items are the truth; a queue only knows where to look.
 */
export interface JobQueue {
  /** Whether several workers may share it. */
  readonly isShared: boolean;
  /** Says that new items may wait. What nobody told of is found later all the same. */
  notify(): void;
  /** Leases up to `max` waiting items; none when nothing waits or the session has expired. */
  claim(session: WorkerSession, max: number): Promise<readonly LeasedItem[]>;
}
