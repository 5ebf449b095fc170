import type { JobQueue } from '@prodigon/ports';
import type { Kysely } from 'kysely';
import { translatingErrors } from '../database-errors.ts';
import type { Database } from '../database-schema.ts';
import { leasePicked } from './claim-items.ts';
import { pickFairly } from './round-robin-selection.ts';

/**
 * The rows of the items are the queue. A claim finds the owners who wait by hopping from one to the next
 * through the index of waiting items, takes an equal share of each, and locks no row that another worker
 * is claiming. What it costs depends on how much it takes, not on how much there is.
 */
export function createPostgresJobQueue(db: Kysely<Database>): JobQueue {
  /** Who was served last; the next claim begins behind. */
  let lastOwner = '';

  return translatingErrors<JobQueue>({
    isShared: true,
    notify() {},
    async claim(session, max) {
      const items = await leasePicked(db, session, pickFairly({ lastOwner, max, isLocking: true }));
      const owners = new Set(items.map(({ ownerId }) => ownerId));
      lastOwner = nextAround(owners, lastOwner) ?? lastOwner;
      return items;
    },
  });
}

/** The last of the owners in the order in which they took their turns. */
function nextAround(owners: ReadonlySet<string>, lastOwner: string): string | undefined {
  const inOrder = [...owners].sort(byCodePoint);
  return inOrder.findLast((owner) => owner <= lastOwner) ?? inOrder.at(-1);
}

function byCodePoint(one: string, other: string): number {
  return one < other ? -1 : one > other ? 1 : 0;
}
