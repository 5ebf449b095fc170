import { AppError } from '@prodigon/contracts';
import type { SharedConversation } from '@prodigon/contracts/conversations';
import { type Kysely, sql } from 'kysely';
import type { Database } from '../database-schema.ts';
import { lockConversation, readConversation } from './conversation-rows.ts';
import { toJson } from './message-parts.ts';
import { readPath } from './message-path.ts';
import type { MessageRow, MessageScope } from './message-rows.ts';
import { endOrphanedGenerations } from './orphaned-generations.ts';

/** Stores a copy of the active path without its owner. Later changes of the conversation do not reach the copy. */
export async function shareConversation(
  db: Kysely<Database>,
  scope: MessageScope,
  tokenHash: Buffer,
): Promise<{ createdAt: string }> {
  const { ownerId, conversationId } = scope;
  await endOrphanedGenerations(db, ownerId);
  return db.transaction().execute(async (trx) => {
    const { active_message_id: lastId } = await lockConversation(trx, ownerId, conversationId);
    const { title } = await readConversation(trx, ownerId, conversationId);
    const messages = (await readPath(trx, scope, { lastId })).flatMap(toShared);
    const { rows } = await sql<{ created_at: Date }>`
      insert into chat.shares (conversation_id, owner_id, token_hash, content)
      values (${conversationId}, ${ownerId}, ${tokenHash}, ${toJson({ title, messages })}::json)
      on conflict (conversation_id) do update set
        token_hash = excluded.token_hash, content = excluded.content, created_at = excluded.created_at
      returning created_at
    `.execute(trx);
    await announce(trx, conversationId);
    return { createdAt: (rows[0] as { created_at: Date }).created_at.toISOString() };
  });
}

export async function unshareConversation(db: Kysely<Database>, { ownerId, conversationId }: MessageScope): Promise<void> {
  await db.transaction().execute(async (trx) => {
    await lockConversation(trx, ownerId, conversationId);
    await sql`delete from chat.shares where conversation_id = ${conversationId}`.execute(trx);
    await announce(trx, conversationId);
  });
}

/** Throws `NOT_FOUND`. */
export async function readShared(db: Kysely<Database>, tokenHash: Buffer): Promise<SharedConversation> {
  const { rows } = await sql<{ content: Omit<SharedConversation, 'shared_at'>; created_at: Date }>`
    select content, created_at from chat.shares where token_hash = ${tokenHash}
  `.execute(db);
  const [row] = rows;
  if (!row) throw new AppError('NOT_FOUND');
  return { ...row.content, shared_at: row.created_at.toISOString() };
}

/** Makes the trigger on conversations announce a change. */
async function announce(trx: Kysely<Database>, conversationId: string): Promise<void> {
  await sql`update chat.conversations set id = id where id = ${conversationId}`.execute(trx);
}

/** Leaves out messages that the model still writes, system prompts, and calls of tools. */
function toShared({ role, status, parts, model, created_at }: MessageRow): SharedConversation['messages'] {
  if ((role !== 'user' && role !== 'assistant') || status === 'streaming') return [];
  const shared = parts.flatMap((part): SharedConversation['messages'][number]['parts'] => {
    if (part.type === 'text' || part.type === 'reasoning') return [{ type: part.type, text: part.text }];
    return part.type === 'attachment' ? [{ type: 'attachment', name: part.name }] : [];
  });
  return [{ role, status, parts: shared, model, created_at: created_at.toISOString() }];
}
