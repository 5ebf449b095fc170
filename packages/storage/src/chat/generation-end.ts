import type { Usage } from '@prodigon/contracts';
import { countUnits, type MessagePart } from '@prodigon/contracts/conversations';
import type { GenerationEnd } from '@prodigon/ports';
import { type Kysely, sql } from 'kysely';
import type { Database } from '../database-schema.ts';
import { appendParts, storableJson, toJson } from './message-parts.ts';

export interface RunningGeneration {
  readonly id: string;
  readonly conversation_id: string;
  readonly message_id: string;
  readonly is_continuation: boolean;
  readonly first_unit: number;
  readonly model: string | null;
}

interface EarlierEnd {
  readonly parts: MessagePart[];
  readonly usage: Usage | null;
  readonly estimated: boolean;
  readonly cost_usd: number | null;
}

/** Stores the end of a locked generation in its message, and deletes its deltas. The conversation must be locked too. */
export async function storeEnd(
  trx: Kysely<Database>,
  generation: RunningGeneration,
  end: GenerationEnd,
  { isOrphaned }: { isOrphaned: boolean },
): Promise<void> {
  const received = storableJson(end.parts);
  const earlier = generation.is_continuation ? await readEarlierEnd(trx, generation.message_id) : undefined;
  const total = earlier ? addEarlier(earlier, end) : end;
  const columns = sql`
    status = ${end.status}, provider = ${end.provider}, finish_reason = ${end.finishReason}, ttft_ms = ${end.ttftMs},
    latency_ms = ${end.latencyMs}, error = ${toJson(end.error)}::json, completed_at = clock_timestamp()
  `;
  await sql`
    update chat.messages set
      ${columns}, model = coalesce(${end.model}, model), parts = ${JSON.stringify(appendParts(earlier?.parts ?? [], received))}::json,
      usage = ${toJson(total.usage)}::json, estimated = ${total.estimated}, cost_usd = ${total.costUsd}
    where id = ${generation.message_id}
  `.execute(trx);
  await sql`
    update chat.generations set
      ${columns}, model = coalesce(${end.model}, model), end_unit = first_unit + ${countUnits(received)}::int,
      usage = ${toJson(end.usage)}::json, estimated = ${end.estimated}, cost_usd = ${end.costUsd},
      attempts = ${end.attempts}, is_orphaned = ${isOrphaned}
    where id = ${generation.id}
  `.execute(trx);
  await sql`delete from chat.generation_deltas where generation_id = ${generation.id}`.execute(trx);
  await sql`
    update chat.conversations set updated_at = greatest(updated_at, clock_timestamp()) where id = ${generation.conversation_id}
  `.execute(trx);
}

async function readEarlierEnd(trx: Kysely<Database>, messageId: string): Promise<EarlierEnd | undefined> {
  const { rows } = await sql<EarlierEnd>`
    select parts, usage, estimated, cost_usd from chat.messages where id = ${messageId}
  `.execute(trx);
  return rows[0];
}

/** Returns the usage and the cost of a message with its continuation. */
function addEarlier(earlier: EarlierEnd, end: GenerationEnd): Pick<GenerationEnd, 'usage' | 'estimated' | 'costUsd'> {
  return {
    usage: earlier.usage && end.usage ? addUsage(earlier.usage, end.usage) : (end.usage ?? earlier.usage),
    estimated: earlier.estimated || end.estimated,
    costUsd: earlier.cost_usd === null && end.costUsd === null ? null : (earlier.cost_usd ?? 0) + (end.costUsd ?? 0),
  };
}

function addUsage(earlier: Usage, usage: Usage): Usage {
  return {
    prompt_tokens: earlier.prompt_tokens + usage.prompt_tokens,
    completion_tokens: earlier.completion_tokens + usage.completion_tokens,
    total_tokens: earlier.total_tokens + usage.total_tokens,
  };
}
