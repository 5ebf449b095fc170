import { type Kysely, sql } from 'kysely';
import type { Migration } from 'kysely/migration';

/** Allows jobs without `max_tokens` and `temperature`. Null means that neither is sent to the provider; existing jobs keep theirs. */
export const optionalJobOptions: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    await sql`
      alter table worker.jobs alter column max_tokens drop not null, alter column temperature drop not null
    `.execute(db);
  },
};
