import { type Kysely, sql } from 'kysely';
import type { Migration } from 'kysely/migration';

/**
 * Creates the tables of jobs and their items. Each item has its own row, so the cost of recording a result does not grow
 * with the job. Each partial index contains the items in one status, so a search for pending items skips finished ones.
 */
export const batchJobs: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    await sql`create schema if not exists worker`.execute(db);
    await sql`
      create table worker.jobs (
        id uuid primary key,
        owner_id text not null,
        name text not null,
        status text not null default 'queued'
          check (status in ('queued', 'running', 'stopping', 'completed', 'failed', 'cancelled', 'expired')),
        stop_reason text check (stop_reason in ('cancelled', 'expired', 'halted')),
        model text,
        max_tokens integer not null,
        temperature double precision not null,
        system_prompt text,
        priority smallint not null,
        total integer not null check (total > 0),
        succeeded integer not null default 0,
        failed integer not null default 0,
        cancelled integer not null default 0,
        prompt_tokens bigint not null default 0,
        completion_tokens bigint not null default 0,
        cost_usd numeric(20, 10) not null default 0,
        unpriced integer not null default 0,
        failures_in_a_row integer not null default 0,
        settled_before integer not null default 0,
        sequence bigint not null default 0,
        error text,
        created_at timestamptz not null default now(),
        started_at timestamptz,
        completed_at timestamptz,
        expires_at timestamptz not null,
        check (succeeded + failed + cancelled <= total)
      ) with (fillfactor = 50)
    `.execute(db);
    await sql`create index jobs_of_owner on worker.jobs (owner_id, id desc)`.execute(db);
    await sql`create index jobs_unfinished on worker.jobs (expires_at) where completed_at is null`.execute(db);
    await sql`create index jobs_finished on worker.jobs (completed_at) where completed_at is not null`.execute(db);

    await sql`
      create table worker.job_items (
        job_id uuid not null references worker.jobs on delete cascade,
        index integer not null,
        owner_id text not null,
        custom_id text,
        prompt text not null,
        rank timestamptz not null,
        status text not null default 'pending'
          check (status in ('pending', 'running', 'retrying', 'succeeded', 'failed', 'cancelled', 'expired')),
        attempts integer not null default 0,
        failures integer not null default 0,
        lease integer not null default 0,
        leases_lost integer not null default 0,
        worker_id uuid,
        started_at timestamptz,
        completed_at timestamptz,
        next_attempt_at timestamptz,
        wait_ms double precision,
        latency_ms double precision,
        output text,
        finish_reason text,
        model text,
        prompt_tokens integer,
        completion_tokens integer,
        estimated boolean not null default false,
        cost_usd numeric(20, 10),
        request_id text,
        error_code text,
        error_message text,
        change bigint,
        primary key (job_id, index)
      ) with (autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_cost_delay = 0)
    `.execute(db);
    await sql`create index items_waiting on worker.job_items (owner_id, rank, job_id, index) where status = 'pending'`.execute(
      db,
    );
    await sql`create index items_in_flight on worker.job_items (job_id, index) where status = 'running'`.execute(db);
    await sql`create index items_retrying on worker.job_items (next_attempt_at) where status = 'retrying'`.execute(db);
    await sql`create index items_changed on worker.job_items (job_id, change, index) where change is not null`.execute(db);

    await sql`
      create table worker.workers (
        id uuid primary key,
        name text not null,
        started_at timestamptz not null default now(),
        seen_at timestamptz not null default now(),
        lease_expires_at timestamptz not null,
        ended_at timestamptz
      ) with (fillfactor = 50)
    `.execute(db);

    await sql`
      create table worker.idempotency_keys (
        owner_id text not null,
        key text not null,
        fingerprint text not null,
        response jsonb not null,
        created_at timestamptz not null default now(),
        primary key (owner_id, key)
      )
    `.execute(db);
    await sql`create index idempotency_keys_by_age on worker.idempotency_keys (created_at)`.execute(db);
  },
};
