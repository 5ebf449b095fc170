import type { ItemId } from '@prodigon/ports';
import { type RawBuilder, sql } from 'kysely';

/** Owners that one selection looks at; those beyond them come first in the next one. */
const OWNERS_AT_ONCE = 1_000;

export interface FairSelection {
  /** Whose turn was the last one: owners behind it come first, then those before. */
  readonly lastOwner: string;
  readonly max: number;
  /** Locks what it selects and passes over what others have locked. */
  readonly isLocking: boolean;
}

/** Selects up to `max` waiting items, an equal share for each owner who waits, the most urgent and oldest first. */
export function pickFairly({ lastOwner, max, isLocking }: FairSelection): RawBuilder<ItemId> {
  const owners = Math.min(max, OWNERS_AT_ONCE);
  return sql<ItemId>`
    with recursive behind(owner_id, number) as (
      (select owner_id, 1 from worker.job_items where status = 'pending' and owner_id > ${lastOwner} order by owner_id limit 1)
      union all
      select next.owner_id, b.number + 1 from behind b cross join lateral (
        select owner_id from worker.job_items where status = 'pending' and owner_id > b.owner_id order by owner_id limit 1
      ) next where b.number < ${owners}
    ), before(owner_id, number) as (
      (select owner_id, 1 from worker.job_items where status = 'pending' and owner_id <= ${lastOwner} order by owner_id limit 1)
      union all
      select next.owner_id, b.number + 1 from before b cross join lateral (
        select owner_id from worker.job_items
        where status = 'pending' and owner_id > b.owner_id and owner_id <= ${lastOwner} order by owner_id limit 1
      ) next where b.number < ${owners}
    ), owners as materialized (
      select owner_id, turn from (
        select owner_id, number as turn from behind union all select owner_id, ${owners} + number from before
      ) waiting order by turn limit ${owners}
    ), share as (
      select ceil(${max}::numeric / greatest(count(*), 1))::int as size from owners
    )
    select picked.job_id, picked.index from owners o cross join share cross join lateral (
      select i.job_id, i.index from worker.job_items i
      where i.status = 'pending' and i.owner_id = o.owner_id
      order by i.rank, i.job_id, i.index limit share.size ${isLocking ? sql`for update skip locked` : sql``}
    ) picked order by o.turn limit ${max}
  `;
}
