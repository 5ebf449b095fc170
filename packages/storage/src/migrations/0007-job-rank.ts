import { type Kysely, sql } from 'kysely';
import type { Migration } from 'kysely/migration';

/** Adds the rank of a job's first item. Items that wait already keep their ranks, so that their jobs end in the old order. */
export const jobRank: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    await sql`alter table worker.jobs add column rank timestamptz`.execute(db);
    await sql`update worker.jobs set rank = created_at - priority * interval '10 minutes'`.execute(db);
    await sql`alter table worker.jobs alter column rank set not null, alter column rank set default now()`.execute(db);
  },
};
