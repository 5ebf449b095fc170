import { type Kysely, sql } from 'kysely';
import type { Migration } from 'kysely/migration';

/** Adds whether a worker holds a lock for its session. Without one, only its lease shows whether it still runs. */
export const sessionLock: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    await sql`alter table worker.workers add column has_lock boolean not null default false`.execute(db);
  },
};
