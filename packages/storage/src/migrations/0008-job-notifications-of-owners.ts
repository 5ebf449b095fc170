import { type Kysely, sql } from 'kysely';
import type { Migration } from 'kysely/migration';

/** Adds the owner to the notifications of migration 0005, and notifies the workers of new jobs too. */
export const jobNotificationsOfOwners: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    await sql`
      create or replace function worker.notify_job_change() returns trigger language plpgsql as $$
      begin
        perform pg_notify('prodigon_job_changed', coalesce(new.owner_id, old.owner_id) || '/' || coalesce(new.id, old.id));
        return null;
      end
      $$
    `.execute(db);
    await sql`
      create or replace trigger notify_job_change after insert or update or delete on worker.jobs
      for each row execute function worker.notify_job_change()
    `.execute(db);
  },
};
