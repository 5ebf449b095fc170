import { type RawBuilder, sql } from 'kysely';

/**
 * The order of the items of one owner. Ranks are times on a virtual clock, which advances by one second with each
 * completed item. The items of a job are one second apart, and a job begins at the present of the jobs that it joins, so
 * that jobs of equal priority take turns. A level of priority is a head start of this many seconds.
 */
const SECONDS_PER_PRIORITY = 600;
/** A new job also joins jobs that ended recently. Otherwise a sequence of short jobs would stop the clock for the others. */
const RECENTLY = sql`interval '10 minutes'`;

/** Returns the rank of the first item of a new job: the position of the jobs with its priority, or else of all jobs. */
export function firstRank(ownerId: string, priority: number): RawBuilder<Date> {
  const headStart = (level: unknown) => sql`(${level}) * ${SECONDS_PER_PRIORITY}::int * interval '1 second'`;
  const position = sql`k.rank + (k.succeeded - k.ended_before_retry) * interval '1 second'`;
  const jobs = sql`worker.jobs k where k.owner_id = ${ownerId} and (k.completed_at is null or k.completed_at > now() - ${RECENTLY})`;
  // A microsecond keeps the order of jobs that have not begun.
  return sql<Date>`coalesce(
    (select max(${position}) + interval '1 microsecond' from ${jobs} and k.priority = ${priority}::int),
    coalesce((select max(${position} + ${headStart(sql`k.priority`)}) from ${jobs}), now()) - ${headStart(sql`${priority}::int`)}
  )`;
}

/** Returns the rank of the item with this place in its job, from 0. */
export const itemRank = (first: RawBuilder<Date>, place: RawBuilder<number>): RawBuilder<Date> =>
  sql<Date>`${first} + (${place}) * interval '1 second'`;
