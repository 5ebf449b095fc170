import { type Kysely, sql } from 'kysely';
import type { Migration } from 'kysely/migration';

/**
 * Creates the tables of API keys and of what they spend, in the schema of the gateway, and adds the key to jobs and usage.
 * A key exists only as the hashes of its value. Ids of keys are text in other tables, because keys of the environment
 * have no row.
 */
export const apiKeys: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    await sql`create schema if not exists gateway`.execute(db);
    await sql`
      create table gateway.api_keys (
        id uuid primary key,
        name text not null,
        owner_id text not null,
        role text not null check (role in ('admin', 'member')),
        parent_id uuid references gateway.api_keys,
        hash bytea unique check (length(hash) = 32),
        previous_hash bytea unique check (length(previous_hash) = 32),
        previous_expires_at timestamptz,
        created_at timestamptz not null default now(),
        last_used_at timestamptz,
        expires_at timestamptz,
        revoked_at timestamptz,
        revoked_by text,
        requests_per_min bigint check (requests_per_min > 0),
        tokens_per_min bigint check (tokens_per_min > 0),
        streams_max bigint check (streams_max > 0),
        usd_per_day numeric check (usd_per_day > 0),
        usd_per_month numeric check (usd_per_month > 0),
        tokens_per_day bigint check (tokens_per_day > 0),
        tokens_per_month bigint check (tokens_per_month > 0),
        models text[]
      )
    `.execute(db);
    await sql`create index api_keys_of_owner on gateway.api_keys (owner_id, id desc)`.execute(db);

    // One row. Readers compare the version before they read all keys.
    await sql`create table gateway.api_keys_version (version bigint not null)`.execute(db);
    await sql`insert into gateway.api_keys_version values (0)`.execute(db);
    await sql`
      create function gateway.count_api_keys_version() returns trigger language plpgsql as $$
      begin
        update gateway.api_keys_version set version = version + 1;
        return null;
      end
      $$
    `.execute(db);
    // Without last_used_at, which changes all the time.
    await sql`
      create trigger count_api_keys_version
      after insert or delete or truncate or update of name, owner_id, role, parent_id, hash, previous_hash, previous_expires_at,
        expires_at, revoked_at, requests_per_min, tokens_per_min, streams_max, usd_per_day, usd_per_month, tokens_per_day,
        tokens_per_month, models
      on gateway.api_keys for each statement execute function gateway.count_api_keys_version()
    `.execute(db);

    // The counts of a day or a month that is over are stale: the next request starts again from zero.
    await sql`
      create table gateway.key_spending (
        key_id uuid primary key references gateway.api_keys on delete cascade,
        day date not null,
        day_tokens numeric not null default 0,
        day_usd numeric not null default 0,
        month date not null,
        month_tokens numeric not null default 0,
        month_usd numeric not null default 0
      ) with (fillfactor = 50)
    `.execute(db);
    // The usage record of the request has the id of the reservation.
    await sql`
      create table gateway.budget_reservations (
        id uuid not null,
        key_id uuid not null references gateway.api_keys on delete cascade,
        tokens numeric not null,
        usd numeric not null,
        expires_at timestamptz not null,
        primary key (id, key_id)
      ) with (fillfactor = 50)
    `.execute(db);
    await sql`create index budget_reservations_of_key on gateway.budget_reservations (key_id)`.execute(db);
    await sql`create index expired_budget_reservations on gateway.budget_reservations (expires_at)`.execute(db);

    await sql`alter table worker.jobs add column key_id text`.execute(db);
    await sql`alter table model.usage add column key_id text`.execute(db);
    await sql`create index usage_of_key on model.usage (key_id, at) where key_id is not null`.execute(db);
  },
};
