import { type Kysely, sql } from 'kysely';
import type { Migration } from 'kysely/migration';

/** Creates the table of usage per request, in the schema of the model service. No table refers to it, and rows never change. */
export const usage: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    await sql`create schema if not exists model`.execute(db);
    // A provider may report any number of tokens. Neither inserting nor summing it may overflow.
    await sql`
      create table model.usage (
        id uuid primary key,
        at timestamptz not null,
        owner_id text not null,
        request_id text not null,
        kind text not null check (kind in ('chat', 'embedding')),
        provider text not null,
        model text not null,
        status text not null check (status in ('completed', 'cancelled', 'failed')),
        prompt_tokens bigint not null,
        completion_tokens bigint not null,
        estimated boolean not null,
        cost_usd numeric,
        attempts integer not null,
        ttft_ms double precision,
        latency_ms double precision not null
      )
    `.execute(db);
    await sql`create index usage_of_owner on model.usage (owner_id, at)`.execute(db);
    await sql`create index usage_by_age on model.usage (at)`.execute(db);
  },
};
