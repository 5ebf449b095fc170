import { AppError } from '@prodigon/contracts';
import type { Conversation, TitleSource } from '@prodigon/contracts/conversations';
import { type Kysely, sql } from 'kysely';
import type { Database } from '../database-schema.ts';

export interface ConversationRow {
  readonly id: string;
  readonly title: string;
  readonly title_source: TitleSource;
  readonly system_prompt: string | null;
  readonly model: string | null;
  readonly max_tokens: number | null;
  readonly temperature: number | null;
  readonly tags: string[];
  readonly pinned: boolean;
  readonly archived: boolean;
  readonly active_message_id: string | null;
  readonly generating: boolean;
  readonly shared: boolean;
  readonly created_at: Date;
  readonly updated_at: Date;
}

/** The columns of a conversation `c`. */
export const CONVERSATION_COLUMNS = sql`
  c.id, c.title, c.title_source, c.system_prompt, c.model, c.max_tokens, c.temperature, c.tags, c.pinned, c.archived,
  c.active_message_id, c.created_at, c.updated_at,
  exists (
    select from chat.generations g
    where g.owner_id = c.owner_id and g.conversation_id = c.id and g.completed_at is null
  ) as generating,
  exists (select from chat.shares s where s.conversation_id = c.id) as shared
`;

export function toConversation({ created_at, updated_at, ...row }: ConversationRow): Conversation {
  return {
    id: row.id,
    title: row.title,
    title_source: row.title_source,
    system_prompt: row.system_prompt,
    model: row.model,
    max_tokens: row.max_tokens,
    temperature: row.temperature,
    pinned: row.pinned,
    archived: row.archived,
    tags: row.tags,
    active_message_id: row.active_message_id,
    generating: row.generating,
    shared: row.shared,
    created_at: created_at.toISOString(),
    updated_at: updated_at.toISOString(),
  };
}

/** Throws `CONVERSATION_NOT_FOUND`. */
export async function readConversation(db: Kysely<Database>, ownerId: string, id: string): Promise<Conversation> {
  const { rows } = await sql<ConversationRow>`
    select ${CONVERSATION_COLUMNS} from chat.conversations c where c.id = ${id} and c.owner_id = ${ownerId}
  `.execute(db);
  const [row] = rows;
  if (!row) throw new AppError('CONVERSATION_NOT_FOUND');
  return toConversation(row);
}

export interface LockedConversation {
  readonly title_source: TitleSource;
  readonly active_message_id: string | null;
  readonly message_count: number;
}

/**
 * Locks the conversation for a change of its messages. Every transaction locks a holder, conversations, generations and
 * messages in this order. Throws `CONVERSATION_NOT_FOUND`.
 */
export async function lockConversation(trx: Kysely<Database>, ownerId: string, id: string): Promise<LockedConversation> {
  const { rows } = await sql<LockedConversation>`
    select title_source, active_message_id, message_count from chat.conversations
    where id = ${id} and owner_id = ${ownerId} for no key update
  `.execute(trx);
  const [row] = rows;
  if (!row) throw new AppError('CONVERSATION_NOT_FOUND');
  return row;
}

/** Records a change of the messages of a locked conversation. */
export async function touchConversation(
  trx: Kysely<Database>,
  id: string,
  { activeMessageId, addedMessages = 0, title }: { activeMessageId: string | null; addedMessages?: number; title?: string },
): Promise<void> {
  await sql`
    update chat.conversations set
      active_message_id = ${activeMessageId}, message_count = message_count + ${addedMessages}::int,
      updated_at = case when ${addedMessages}::int > 0 then greatest(updated_at, clock_timestamp()) else updated_at end,
      title = coalesce(${title ?? null}::text, title),
      title_source = case when ${title ?? null}::text is null then title_source else 'question' end
    where id = ${id}
  `.execute(trx);
}
