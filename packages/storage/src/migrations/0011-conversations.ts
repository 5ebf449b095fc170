import { type Kysely, sql } from 'kysely';
import type { Migration } from 'kysely/migration';

/**
 * Creates the tables of conversations in the schema `chat`. Messages form a tree; `position` counts them in the order of
 * their creation, and `depth` is the number of messages before them on their path. Times have the precision of the API, so
 * that cursors lose nothing.
 */
export const conversations: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    await sql`create schema if not exists chat`.execute(db);
    await createSearchFunctions(db);
    await sql`
      create table chat.conversations (
        id uuid primary key,
        owner_id text not null,
        title text not null default '',
        title_source text not null default 'none' check (title_source in ('none', 'question', 'model', 'user', 'import')),
        title_words tsvector not null generated always as (to_tsvector('pg_catalog.simple'::regconfig, title)) stored,
        system_prompt text,
        model text,
        max_tokens integer,
        temperature double precision,
        tags text[] not null default '{}',
        pinned boolean not null default false,
        archived boolean not null default false,
        active_message_id uuid,
        message_count integer not null default 0,
        import_hash bytea,
        created_at timestamptz(3) not null default now(),
        updated_at timestamptz(3) not null default now()
      )
    `.execute(db);
    await sql`create index conversations_of_owner on chat.conversations (owner_id, updated_at desc, id desc)`.execute(db);
    await sql`
      create index pinned_conversations on chat.conversations (owner_id, updated_at desc, id desc) where pinned
    `.execute(db);
    // A pending list would make every search read it.
    await sql`
      create index conversation_titles on chat.conversations
      using gin (chat.search_keys(owner_id, created_at, title_words)) with (fastupdate = off)
    `.execute(db);

    await sql`
      create table chat.messages (
        id uuid primary key,
        conversation_id uuid not null references chat.conversations on delete cascade,
        owner_id text not null,
        parent_id uuid,
        position integer not null,
        depth integer not null,
        role text not null check (role in ('user', 'assistant', 'system', 'tool')),
        parts json not null,
        words tsvector not null generated always as (chat.message_words(parts)) stored,
        status text not null check (status in ('streaming', 'done', 'stopped', 'interrupted', 'failed')),
        model text,
        provider text,
        usage json,
        estimated boolean not null default false,
        cost_usd numeric,
        finish_reason text,
        ttft_ms double precision,
        latency_ms double precision,
        error json,
        generation_id uuid,
        request_id text,
        meta json,
        created_at timestamptz(3) not null default clock_timestamp(),
        completed_at timestamptz(3),
        unique (conversation_id, position)
      )
    `.execute(db);
    await sql`create index message_siblings on chat.messages (conversation_id, parent_id, position)`.execute(db);
    await sql`
      create index message_words on chat.messages
      using gin (chat.search_keys(owner_id, created_at, words)) with (fastupdate = off)
    `.execute(db);

    await createGenerationTables(db);
    await createFileTables(db);
    await sql`
      create table chat.shares (
        conversation_id uuid primary key references chat.conversations on delete cascade,
        owner_id text not null,
        token_hash bytea not null unique check (length(token_hash) = 32),
        content json not null,
        created_at timestamptz(3) not null default now()
      )
    `.execute(db);
    await sql`
      create table chat.prompt_templates (
        id uuid primary key,
        owner_id text not null,
        name text not null,
        content text not null,
        kind text not null check (kind in ('question', 'system')),
        created_at timestamptz(3) not null default now(),
        updated_at timestamptz(3) not null default now()
      )
    `.execute(db);
    await sql`create index prompt_templates_of_owner on chat.prompt_templates (owner_id, name, id)`.execute(db);

    await sql`
      create function chat.notify_conversation_change() returns trigger language plpgsql as $$
      begin
        perform pg_notify(
          'prodigon_conversation_changed', coalesce(new.owner_id, old.owner_id) || '/' || coalesce(new.id, old.id)
        );
        return null;
      end
      $$
    `.execute(db);
    await sql`
      create trigger notify_conversation_change after insert or update or delete on chat.conversations
      for each row execute function chat.notify_conversation_change()
    `.execute(db);
  },
};

/** Creates the functions of the search columns and indexes. They depend on their arguments only. */
async function createSearchFunctions(db: Kysely<unknown>): Promise<void> {
  // PostgreSQL rejects a tsvector of more than 1 MB, and each character adds up to ten bytes.
  await sql`
    create function chat.message_words(parts json) returns tsvector language sql immutable parallel safe as $$
      select to_tsvector('pg_catalog.simple'::regconfig, left(coalesce(string_agg(part->>'text', E'\n'), ''), 80000))
      from json_array_elements(parts) part
      where part->>'type' = 'text'
    $$
  `.execute(db);
  await sql`
    create function chat.owner_key(owner_id text) returns text language sql immutable parallel safe as $$
      select left(encode(sha256(convert_to(owner_id, 'UTF8')), 'hex'), 16) || ':'
    $$
  `.execute(db);
  // The owner is a prefix of every lexeme, so that no posting list has entries of several owners. The week bounds the
  // matches that a search reads.
  await sql`
    create function chat.search_keys(owner_id text, created_at timestamptz, words tsvector) returns tsvector
    language sql immutable parallel safe as $$
      select array_to_tsvector(
        array(select owner.key || lexeme from unnest(tsvector_to_array(words)) lexeme where octet_length(lexeme) <= 1000)
        || (owner.key || '@' || floor(extract(epoch from created_at) / 604800))
      )
      from (select chat.owner_key(owner_id)) owner(key)
    $$
  `.execute(db);
}

async function createGenerationTables(db: Kysely<unknown>): Promise<void> {
  await sql`
    create table chat.holders (
      id text primary key,
      url text not null,
      lease_expires_at timestamptz not null
    ) with (fillfactor = 50)
  `.execute(db);
  // first_unit and end_unit delimit what the generation has added to the text of its message, in UTF-16 code units.
  await sql`
    create table chat.generations (
      id uuid primary key,
      owner_id text not null,
      key_id text,
      conversation_id uuid not null references chat.conversations on delete cascade,
      message_id uuid not null,
      user_message_id uuid,
      is_continuation boolean not null,
      request_id text not null,
      holder_id text not null,
      idempotency_key text,
      fingerprint text,
      status text not null check (status in ('streaming', 'done', 'stopped', 'interrupted', 'failed')),
      is_orphaned boolean not null default false,
      first_unit integer not null,
      end_unit integer,
      model text,
      provider text,
      usage json,
      estimated boolean not null default false,
      cost_usd numeric,
      finish_reason text,
      ttft_ms double precision,
      latency_ms double precision,
      attempts integer not null default 0,
      error json,
      started_at timestamptz(3) not null default clock_timestamp(),
      completed_at timestamptz(3)
    )
  `.execute(db);
  await sql`create index generations_of_conversation on chat.generations (conversation_id)`.execute(db);
  await sql`create index generations_of_message on chat.generations (message_id)`.execute(db);
  await sql`
    create index running_generations on chat.generations (owner_id, conversation_id) where completed_at is null
  `.execute(db);
  await sql`
    create unique index generation_keys on chat.generations (owner_id, idempotency_key) where idempotency_key is not null
  `.execute(db);
  await sql`
    create table chat.generation_deltas (
      generation_id uuid not null references chat.generations on delete cascade,
      position integer not null,
      owner_id text not null,
      parts json not null,
      primary key (generation_id, position)
    )
  `.execute(db);
}

/** A row of `deleted_files` names a file that no attachment of the owner may use any more. */
async function createFileTables(db: Kysely<unknown>): Promise<void> {
  await sql`
    create table chat.attachments (
      id uuid primary key,
      owner_id text not null,
      name text not null,
      kind text not null check (kind in ('text', 'image')),
      media_type text not null,
      bytes bigint not null,
      characters integer,
      width integer,
      height integer,
      sha256 text not null,
      text text,
      created_at timestamptz(3) not null default now()
    )
  `.execute(db);
  await sql`create index attachments_of_owner on chat.attachments (owner_id, sha256)`.execute(db);
  await sql`
    create table chat.message_attachments (
      message_id uuid not null references chat.messages on delete cascade,
      attachment_id uuid not null references chat.attachments,
      owner_id text not null,
      primary key (message_id, attachment_id)
    )
  `.execute(db);
  await sql`create index messages_of_attachment on chat.message_attachments (attachment_id)`.execute(db);
  await sql`
    create table chat.deleted_files (
      owner_id text not null,
      sha256 text not null,
      deleted_at timestamptz not null default now(),
      primary key (owner_id, sha256)
    )
  `.execute(db);
  await sql`
    create function chat.record_deleted_file() returns trigger language plpgsql as $$
    begin
      -- The update waits for a process that deletes the file or finds it in use.
      insert into chat.deleted_files (owner_id, sha256) values (old.owner_id, old.sha256)
      on conflict (owner_id, sha256) do update set deleted_at = now();
      return null;
    end
    $$
  `.execute(db);
  await sql`
    create trigger record_deleted_file after delete on chat.attachments
    for each row execute function chat.record_deleted_file()
  `.execute(db);
  // The last message that uses an attachment deletes it.
  await sql`
    create function chat.delete_unused_attachment() returns trigger language plpgsql as $$
    begin
      delete from chat.attachments a
      where a.id = old.attachment_id
        and not exists (select from chat.message_attachments m where m.attachment_id = a.id);
      return null;
    end
    $$
  `.execute(db);
  await sql`
    create trigger delete_unused_attachment after delete on chat.message_attachments
    for each row execute function chat.delete_unused_attachment()
  `.execute(db);
}
