import { type Kysely, sql } from 'kysely';
import type { Migration } from 'kysely/migration';

/** Creates the table of idempotency keys of the gateway's routes. Without a status, the request of the claim is in flight. */
export const idempotencyKeys: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    await sql`
      create table gateway.idempotency_keys (
        owner_id text not null,
        route text not null,
        key text not null,
        fingerprint bytea not null,
        claim_id uuid not null,
        lease_expires_at timestamptz not null,
        status smallint,
        headers jsonb,
        body text,
        conversation_id uuid references chat.conversations on delete cascade,
        created_at timestamptz not null default clock_timestamp(),
        primary key (owner_id, route, key)
      )
    `.execute(db);
    await sql`
      create index idempotency_keys_of_conversation on gateway.idempotency_keys (conversation_id) where conversation_id is not null
    `.execute(db);
    await sql`create index idempotency_keys_by_age on gateway.idempotency_keys (created_at)`.execute(db);
  },
};
