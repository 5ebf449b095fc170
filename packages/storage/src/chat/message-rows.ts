import { AppError, type Usage } from '@prodigon/contracts';
import type { ConversationMessage, MessagePart, MessageRole, MessageStatus } from '@prodigon/contracts/conversations';
import { type Kysely, sql } from 'kysely';
import type { Database } from '../database-schema.ts';
import { contentOf, toJson } from './message-parts.ts';

export interface MessageRow {
  readonly id: string;
  readonly parent_id: string | null;
  readonly role: MessageRole;
  readonly parts: MessagePart[];
  readonly status: MessageStatus;
  readonly model: string | null;
  readonly provider: string | null;
  readonly usage: Usage | null;
  readonly estimated: boolean;
  readonly cost_usd: number | null;
  readonly finish_reason: string | null;
  readonly ttft_ms: number | null;
  readonly latency_ms: number | null;
  readonly error: ConversationMessage['error'];
  readonly generation_id: string | null;
  readonly request_id: string | null;
  readonly meta: ConversationMessage['meta'];
  readonly created_at: Date;
  readonly completed_at: Date | null;
}

/** The columns of a message `m`. */
export const MESSAGE_COLUMNS = sql`
  m.id, m.parent_id, m.role, m.parts, m.status, m.model, m.provider, m.usage, m.estimated, m.cost_usd, m.finish_reason,
  m.ttft_ms, m.latency_ms, m.error, m.generation_id, m.request_id, m.meta, m.created_at, m.completed_at
`;

/** Returns a message without its siblings. */
export function toMessage(row: MessageRow): Omit<ConversationMessage, 'sibling_ids'> {
  return {
    id: row.id,
    parent_id: row.parent_id,
    role: row.role,
    content: contentOf(row.parts),
    parts: row.parts,
    status: row.status,
    model: row.model,
    provider: row.provider,
    usage: row.usage,
    estimated: row.estimated,
    cost_usd: row.cost_usd,
    finish_reason: row.finish_reason,
    ttft_ms: row.ttft_ms,
    latency_ms: row.latency_ms,
    error: row.error,
    generation_id: row.generation_id,
    request_id: row.request_id,
    meta: row.meta,
    created_at: row.created_at.toISOString(),
    completed_at: row.completed_at?.toISOString() ?? null,
  };
}

/** Identifies the messages of a conversation of an owner. */
export interface MessageScope {
  readonly ownerId: string;
  readonly conversationId: string;
}

/** Throws `NOT_FOUND` for a message that does not belong to the conversation. */
export async function findMessage(
  db: Kysely<Database>,
  { ownerId, conversationId }: MessageScope,
  id: string,
): Promise<MessageRow> {
  const { rows } = await sql<MessageRow>`
    select ${MESSAGE_COLUMNS} from chat.messages m
    where m.id = ${id} and m.conversation_id = ${conversationId} and m.owner_id = ${ownerId}
  `.execute(db);
  const [row] = rows;
  if (!row) throw new AppError('NOT_FOUND', 'The message does not exist in this conversation.');
  return row;
}

export interface NewMessage {
  readonly id: string;
  readonly parentId: string | null;
  readonly role: MessageRole;
  readonly parts: readonly MessagePart[];
  readonly status: MessageStatus;
  readonly model?: string | undefined;
  readonly generationId?: string | undefined;
  readonly requestId?: string | undefined;
  readonly meta?: ConversationMessage['meta'] | undefined;
}

/** Inserts a message after the last one of the locked conversation, with links to its attachments. */
export async function insertMessage(
  trx: Kysely<Database>,
  { ownerId, conversationId }: MessageScope,
  message: NewMessage,
): Promise<void> {
  await sql`
    insert into chat.messages (
      id, conversation_id, owner_id, parent_id, role, parts, status, model, generation_id, request_id, meta, completed_at,
      position, depth
    )
    select
      ${message.id}::uuid, ${conversationId}::uuid, ${ownerId}::text, ${message.parentId}::uuid, ${message.role}::text,
      ${toJson(message.parts)}::json, ${message.status}::text, ${message.model ?? null}::text,
      ${message.generationId ?? null}::uuid, ${message.requestId ?? null}::text, ${toJson(message.meta)}::json,
      case when ${message.status}::text <> 'streaming' then clock_timestamp() end,
      coalesce((select max(position) + 1 from chat.messages where conversation_id = ${conversationId}), 0),
      coalesce((select depth + 1 from chat.messages where id = ${message.parentId}), 0)
  `.execute(trx);
  const attachmentIds = message.parts.flatMap((part) => (part.type === 'attachment' ? (part.attachment_id ?? []) : []));
  if (attachmentIds.length === 0) return;
  await sql`
    insert into chat.message_attachments (message_id, attachment_id, owner_id)
    select ${message.id}::uuid, id, owner_id from chat.attachments where id = any(${attachmentIds}::uuid[]) and owner_id = ${ownerId}
  `.execute(trx);
}
