import type { JobQueue } from '@prodigon/ports';
import type { Kysely } from 'kysely';
import { translateErrors } from '../database-errors.ts';
import type { Database } from '../database-schema.ts';
import { claimItems, selectRoundRobin } from './claim-items.ts';

/**
 * Uses the rows of the items as the queue. A claim walks the index of pending items from owner to owner, takes an equal
 * share of each, and skips rows that another worker is claiming. Its cost depends on the number of claimed items, not on
 * the length of the queue.
 */
export function createPostgresJobQueue(db: Kysely<Database>): JobQueue {
  /** Owner with the last turn. */
  let lastOwner = '';

  return translateErrors<JobQueue>({
    notify() {},
    async claim(session, max) {
      const items = await claimItems(db, session, selectRoundRobin({ lastOwner, max, isLocking: true }));
      const owners = new Set(items.map(({ ownerId }) => ownerId));
      lastOwner = findLastTurn(owners, lastOwner) ?? lastOwner;
      return items;
    },
  });
}

/** Returns the last of the owners in the order of their turns, which began after `lastOwner`. */
function findLastTurn(owners: ReadonlySet<string>, lastOwner: string): string | undefined {
  const inOrder = [...owners].sort(compareCodeUnits);
  return inOrder.findLast((owner) => owner <= lastOwner) ?? inOrder.at(-1);
}

function compareCodeUnits(one: string, other: string): number {
  return one < other ? -1 : one > other ? 1 : 0;
}
