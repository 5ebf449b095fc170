import { type Kysely, sql } from 'kysely';
import type { Migration } from 'kysely/migration';

/** What each request used, in the model service's own schema. Nothing refers to it, and nothing is changed once written. */
export const usage: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    await sql`create schema if not exists model`.execute(db);
    // A provider that miscounts may report any number: the sums of it must not fail, nor the writing.
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
