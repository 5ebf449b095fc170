import type { ItemId, JobQueue } from '@prodigon/ports';
import { type Kysely, sql } from 'kysely';
import { translateErrors } from '../create-database.ts';
import type { Database } from '../database-schema.ts';
import { claimItems, selectItemIds, selectRoundRobin } from './postgres-job-queue.ts';

/** Maximum ids in memory. The remaining items stay in the database until the queue is empty. */
const IDS_MAX = 1_000;

/**
 * Creates a queue that caches the ids of pending items in this process. Reads the database only when the cache is empty: at the start, and
 * after `notify`. Serves one worker, because it does not see the claims of others.
 */
export function createMemoryJobQueue(db: Kysely<Database>): JobQueue {
  /** Ids by owner, in the order of their turns. */
  const pending = new Map<string, ItemId[]>();
  let lastOwner = '';

  async function refill(): Promise<void> {
    const { rows } = await sql<{ owner_id: string; job_id: string; index: number }>`
      select i.owner_id, i.job_id, i.index
      from (${selectRoundRobin({ lastOwner, max: IDS_MAX, isLocking: false })}) picked join worker.job_items i using (job_id, index)
      order by i.rank desc, i.job_id desc, i.index desc
    `.execute(db);
    // The most urgent item is the last one, which `pop` returns.
    for (const { owner_id, job_id, index } of rows) {
      const ids = pending.get(owner_id) ?? [];
      ids.push({ jobId: job_id, index });
      pending.set(owner_id, ids);
    }
  }

  function take(max: number): ItemId[] {
    const taken: ItemId[] = [];
    while (taken.length < max) {
      const [turn] = pending;
      if (!turn) break;
      const [owner, ids] = turn;
      const id = ids.pop();
      lastOwner = owner;
      // Moves the owner to the end of the Map's order.
      pending.delete(owner);
      if (ids.length > 0) pending.set(owner, ids);
      if (id) taken.push(id);
    }
    return taken;
  }

  return translateErrors<JobQueue>({
    notify: () => pending.clear(),
    async claim(session, max) {
      if (pending.size === 0) await refill();
      const ids = take(max);
      if (ids.length === 0) return [];
      return claimItems(db, session, selectItemIds(ids));
    },
  });
}
