import { type Kysely, sql } from 'kysely';
import type { Migration } from 'kysely/migration';

/**
 * Stores the job statuses of the API: `queued` becomes `pending`, and `stopping` becomes `running` with a stop reason.
 * The stop reason `halted` becomes `aborted`. No index depends on these columns.
 */
export const jobStatus: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    await sql`alter table worker.jobs drop constraint jobs_status_check, drop constraint jobs_stop_reason_check`.execute(db);
    await sql`
      update worker.jobs set
        status = case status when 'queued' then 'pending' when 'stopping' then 'running' else status end,
        stop_reason = case stop_reason when 'halted' then 'aborted' else stop_reason end
      where status in ('queued', 'stopping') or stop_reason = 'halted'
    `.execute(db);
    await sql`
      alter table worker.jobs
        alter column status set default 'pending',
        add constraint jobs_status_check
          check (status in ('pending', 'running', 'completed', 'failed', 'cancelled', 'expired')),
        add constraint jobs_stop_reason_check check (stop_reason in ('cancelled', 'expired', 'aborted'))
    `.execute(db);
    await sql`alter table worker.jobs rename column settled_before to ended_before_retry`.execute(db);
  },
};
