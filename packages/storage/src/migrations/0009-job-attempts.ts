import { type Kysely, sql } from 'kysely';
import type { Migration } from 'kysely/migration';

/**
 * Creates the table of the attempts that did not end their items. An item contains its last attempt, so the common case of
 * one attempt costs no further row.
 */
export const jobAttempts: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    await sql`
      create table worker.job_attempts (
        job_id uuid not null references worker.jobs on delete cascade,
        index integer not null,
        attempt integer not null,
        worker_id uuid not null,
        started_at timestamptz not null,
        ended_at timestamptz not null,
        outcome text not null check (outcome in ('retried', 'lost')),
        primary key (job_id, index, attempt)
      )
    `.execute(db);
  },
};
