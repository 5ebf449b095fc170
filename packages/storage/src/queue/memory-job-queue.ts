import type { ItemId, JobQueue } from '@prodigon/ports';
import { type Kysely, sql } from 'kysely';
import { translatingErrors } from '../database-errors.ts';
import type { Database } from '../database-schema.ts';
import { leasePicked } from './claim-items.ts';
import { pickFairly } from './round-robin-selection.ts';

/** Ids held at most; the rest stays in the rows until there is room. */
const IDS_MAX = 1_000;

/**
 * Keeps the ids of what waits in this process and asks the rows only when it runs dry: at the start, after a
 * crash, and when it was told of something new. It knows nothing of what another worker takes, so it serves one.
 */
export function createMemoryJobQueue(db: Kysely<Database>): JobQueue {
  /** Of each owner, in the order of their turns. */
  const waiting = new Map<string, ItemId[]>();
  let lastOwner = '';

  async function refill(): Promise<void> {
    const { rows } = await sql<{ owner_id: string; job_id: string; index: number }>`
      select i.owner_id, i.job_id, i.index
      from (${pickFairly({ lastOwner, max: IDS_MAX, isLocking: false })}) picked join worker.job_items i using (job_id, index)
      order by i.rank desc, i.job_id desc, i.index desc
    `.execute(db);
    // The most urgent is last, where it can be taken from.
    for (const { owner_id, job_id, index } of rows) {
      const ofOwner = waiting.get(owner_id) ?? [];
      ofOwner.push({ jobId: job_id, index });
      waiting.set(owner_id, ofOwner);
    }
  }

  function take(max: number): ItemId[] {
    const taken: ItemId[] = [];
    while (taken.length < max) {
      const [turn] = waiting;
      if (!turn) break;
      const [owner, items] = turn;
      const item = items.pop();
      lastOwner = owner;
      // To the end of the line, which is the order of a Map.
      waiting.delete(owner);
      if (items.length > 0) waiting.set(owner, items);
      if (item) taken.push(item);
    }
    return taken;
  }

  return translatingErrors<JobQueue>({
    isShared: false,
    notify: () => waiting.clear(),
    async claim(session, max) {
      if (waiting.size === 0) await refill();
      const ids = take(max);
      if (ids.length === 0) return [];
      return leasePicked(
        db,
        session,
        sql`select job_id, index from unnest(
          ${ids.map(({ jobId }) => jobId)}::uuid[], ${ids.map(({ index }) => index)}::int[]
        ) as t(job_id, index)`,
      );
    },
  });
}
