import { AppError } from '@prodigon/contracts';
import { type MessagePart, sliceParts } from '@prodigon/contracts/conversations';
import type { GenerationEnd, GenerationStore, StoredGeneration } from '@prodigon/ports';
import { type Kysely, sql } from 'kysely';
import { translateErrors } from '../create-database.ts';
import type { Database } from '../database-schema.ts';
import { readConversation } from './conversation-rows.ts';
import { type RunningGeneration, storeEnd } from './generation-end.ts';
import { toJson } from './message-parts.ts';
import { endOrphanedGenerations, forgetHolders, joinDeltas, renewLease } from './orphaned-generations.ts';
import { startGeneration } from './start-generation.ts';

/** Creates a store of generations in PostgreSQL. All leases use the clock of the database. */
export function createPostgresGenerationStore(db: Kysely<Database>): GenerationStore {
  return translateErrors<GenerationStore>({
    async start(holder, generation) {
      await renewLease(holder).execute(db);
      await forgetHolders(db);
      // The response that the turn follows may be one of a process that has ended.
      await endOrphanedGenerations(db, generation.ownerId);
      return startGeneration(db, holder, generation);
    },

    async write(holder, deltas) {
      const ids = deltas.map(({ generationId }) => generationId);
      const positions = deltas.map(({ position }) => position);
      const parts = deltas.map((delta) => toJson(delta.parts));
      // The lock on the holder precedes those on the generations, as where they end. A repeated write replaces the first.
      const { rows } = await sql<{ id: string }>`
        with renewed as (${renewLease(holder)}),
        delta as (
          select * from unnest(${ids}::uuid[], ${positions}::int[], ${parts}::text[]) as delta(generation_id, position, parts)
        ),
        held as (
          select g.id, g.owner_id from renewed join chat.generations g on g.holder_id = renewed.id
          where g.id = any(${ids}::uuid[]) and g.completed_at is null
          order by g.id for no key update of g
        ),
        written as (
          insert into chat.generation_deltas (generation_id, position, owner_id, parts)
          select held.id, delta.position, held.owner_id, delta.parts::json
          from held join delta on delta.generation_id = held.id
          where delta.parts <> '[]'
          on conflict (generation_id, position) do update set parts = excluded.parts
        )
        select distinct generation_id as id from delta where generation_id not in (select id from held)
      `.execute(db);
      return rows.map(({ id }) => id);
    },

    async finish(holder, generationId, end) {
      return db.transaction().execute(async (trx) => {
        await sql`
          select from chat.conversations c
          where c.id = (select conversation_id from chat.generations where id = ${generationId}) for no key update
        `.execute(trx);
        const { rows } = await sql<RunningGeneration & { is_running: boolean; is_orphaned: boolean }>`
          select id, conversation_id, message_id, is_continuation, first_unit, model, is_orphaned,
            completed_at is null as is_running
          from chat.generations where id = ${generationId} and holder_id = ${holder.id} for no key update
        `.execute(trx);
        const [generation] = rows;
        if (!generation) return false;
        if (generation.is_running) await storeEnd(trx, generation, end, { isOrphaned: false });
        return !generation.is_orphaned;
      });
    },

    async get(ownerId, generationId) {
      await endOrphanedGenerations(db, ownerId);
      const { rows } = await sql<GenerationRow>`
        select g.*, h.url as holder_url, m.parts, m.id is not null as has_message,
          (select json_agg(d.parts order by d.position) from chat.generation_deltas d where d.generation_id = g.id) as deltas
        from chat.generations g
        left join chat.holders h on h.id = g.holder_id
        left join chat.messages m on m.id = g.message_id
        where g.id = ${generationId} and g.owner_id = ${ownerId}
      `.execute(db);
      const [row] = rows;
      if (!row) throw new AppError('NOT_FOUND');
      const isRunning = row.completed_at === null;
      if (!row.has_message || (!isRunning && row.end_unit === null)) throw new AppError('NOT_RESUMABLE');
      const conversation = await readConversation(db, ownerId, row.conversation_id);
      const parts = isRunning ? joinDeltas(row.deltas ?? []) : sliceParts(row.parts ?? [], row.first_unit, row.end_unit ?? 0);
      return toStoredGeneration(row, conversation, parts);
    },
  });
}

interface GenerationRow {
  readonly id: string;
  readonly conversation_id: string;
  readonly message_id: string;
  readonly user_message_id: string | null;
  readonly is_continuation: boolean;
  readonly request_id: string;
  readonly status: StoredGeneration['generation']['status'];
  readonly first_unit: number;
  readonly end_unit: number | null;
  readonly model: string | null;
  readonly provider: string | null;
  readonly usage: GenerationEnd['usage'];
  readonly estimated: boolean;
  readonly cost_usd: number | null;
  readonly finish_reason: string | null;
  readonly ttft_ms: number | null;
  readonly latency_ms: number | null;
  readonly attempts: number;
  readonly error: GenerationEnd['error'];
  readonly started_at: Date;
  readonly completed_at: Date | null;
  readonly holder_url: string | null;
  readonly parts: MessagePart[] | null;
  readonly has_message: boolean;
  readonly deltas: MessagePart[][] | null;
}

function toStoredGeneration(
  row: GenerationRow,
  conversation: StoredGeneration['conversation'],
  parts: MessagePart[],
): StoredGeneration {
  const { status } = row;
  return {
    generation: {
      id: row.id,
      conversation_id: row.conversation_id,
      message_id: row.message_id,
      status,
      model: row.model,
      started_at: row.started_at.toISOString(),
      completed_at: row.completed_at?.toISOString() ?? null,
    },
    conversation,
    userMessageId: row.user_message_id,
    isContinuation: row.is_continuation,
    messagePosition: row.first_unit,
    requestId: row.request_id,
    holderUrl: row.completed_at === null ? row.holder_url : null,
    parts,
    end: status === 'streaming' ? null : toEnd(row, status),
  };
}

function toEnd(row: GenerationRow, status: GenerationEnd['status']): Omit<GenerationEnd, 'parts'> {
  return {
    status,
    model: row.model,
    provider: row.provider,
    usage: row.usage,
    estimated: row.estimated,
    costUsd: row.cost_usd,
    finishReason: row.finish_reason,
    ttftMs: row.ttft_ms,
    latencyMs: row.latency_ms,
    attempts: row.attempts,
    error: row.error,
  };
}
