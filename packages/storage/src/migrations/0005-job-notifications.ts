import { type Kysely, sql } from 'kysely';
import type { Migration } from 'kysely/migration';

/** Notifies the workers of every committed change of a job, so that an idle event stream needs no queries. */
export const jobNotifications: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    await sql`
      create function worker.notify_job_change() returns trigger language plpgsql as $$
      begin
        perform pg_notify('prodigon_job_changed', old.id::text);
        return null;
      end
      $$
    `.execute(db);
    await sql`
      create trigger notify_job_change after update or delete on worker.jobs
      for each row execute function worker.notify_job_change()
    `.execute(db);
  },
};
