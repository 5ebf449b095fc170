import { randomUUIDv7 } from 'node:crypto';
import { AppError } from '@prodigon/contracts';
import { type ConversationMessage, type CreateMessage, titleFromQuestion } from '@prodigon/contracts/conversations';
import { type Kysely, sql } from 'kysely';
import type { Database } from '../database-schema.ts';
import { lockConversation, touchConversation } from './conversation-rows.ts';
import { toJson } from './message-parts.ts';
import { findLatestDescendant, withSiblings } from './message-path.ts';
import { findMessage, insertMessage, type MessageScope } from './message-rows.ts';
import { endOrphanedGenerations } from './orphaned-generations.ts';
import { assertRoom } from './start-generation.ts';

/** Appends a message, which becomes the end of the active path. */
export function addMessage(db: Kysely<Database>, scope: MessageScope, message: CreateMessage): Promise<ConversationMessage> {
  const { ownerId, conversationId } = scope;
  return db.transaction().execute(async (trx) => {
    const conversation = await lockConversation(trx, ownerId, conversationId);
    assertRoom(conversation.message_count + 1);
    const parentId = message.parent_id ?? conversation.active_message_id;
    if (parentId !== null) await findMessage(trx, scope, parentId);
    const id = randomUUIDv7();
    await insertMessage(trx, scope, {
      id,
      parentId,
      role: message.role,
      parts: [{ type: 'text', text: message.content }],
      status: 'done',
      meta: message.meta,
    });
    const isFirstQuestion = conversation.title_source === 'none' && message.role === 'user';
    await touchConversation(trx, conversationId, {
      activeMessageId: id,
      addedMessages: 1,
      ...(isFirstQuestion && { title: titleFromQuestion(message.content) }),
    });
    return readMessage(trx, scope, id);
  });
}

/** Replaces the text of a message. Its other parts stay. */
export async function updateMessage(
  db: Kysely<Database>,
  scope: MessageScope,
  messageId: string,
  content: string,
): Promise<ConversationMessage> {
  await endOrphanedGenerations(db, scope.ownerId);
  return db.transaction().execute(async (trx) => {
    const conversation = await lockConversation(trx, scope.ownerId, scope.conversationId);
    const message = await findMessage(trx, scope, messageId);
    if (message.status === 'streaming') throw new AppError('CONFLICT', 'The model still responds in this message.');
    const others = message.parts.filter(({ type }) => type !== 'text');
    await sql`
      update chat.messages set parts = ${toJson([...others, { type: 'text', text: content }])}::json where id = ${messageId}
    `.execute(trx);
    // The text is not that of the generation any more.
    await sql`update chat.generations set end_unit = null where message_id = ${messageId}`.execute(trx);
    await touchConversation(trx, scope.conversationId, { activeMessageId: conversation.active_message_id });
    return readMessage(trx, scope, messageId);
  });
}

/** Deletes a message and all that follow it. The active path then ends with the latest branch of what remains. */
export async function removeMessage(db: Kysely<Database>, scope: MessageScope, messageId: string): Promise<void> {
  const { ownerId, conversationId } = scope;
  await endOrphanedGenerations(db, ownerId);
  await db.transaction().execute(async (trx) => {
    const conversation = await lockConversation(trx, ownerId, conversationId);
    const { parent_id: parentId } = await findMessage(trx, scope, messageId);
    const { rows } = await sql<{ id: string; status: string }>`
      with recursive branch as (
        select id, status from chat.messages where id = ${messageId}
        union all
        select m.id, m.status from branch
        join chat.messages m on m.conversation_id = ${conversationId} and m.parent_id = branch.id
      )
      select id, status from branch
    `.execute(trx);
    if (rows.some(({ status }) => status === 'streaming'))
      throw new AppError('CONFLICT', 'The model still responds. Stop the response, or wait for its end.');
    const ids = rows.map(({ id }) => id);
    await sql`delete from chat.messages where id = any(${ids}::uuid[])`.execute(trx);
    const isActive = conversation.active_message_id !== null && ids.includes(conversation.active_message_id);
    await touchConversation(trx, conversationId, {
      activeMessageId: isActive ? await findRemainingEnd(trx, scope, parentId) : conversation.active_message_id,
      addedMessages: -ids.length,
    });
  });
}

/** Returns the end of the latest branch below a message, or of the whole conversation. */
async function findRemainingEnd(trx: Kysely<Database>, scope: MessageScope, parentId: string | null): Promise<string | null> {
  if (parentId !== null) return findLatestDescendant(trx, scope, parentId);
  const { rows } = await sql<{ id: string }>`
    select id from chat.messages where conversation_id = ${scope.conversationId} order by position desc limit 1
  `.execute(trx);
  return rows[0]?.id ?? null;
}

async function readMessage(trx: Kysely<Database>, scope: MessageScope, id: string): Promise<ConversationMessage> {
  const [message] = await withSiblings(trx, scope, [await findMessage(trx, scope, id)]);
  return message as ConversationMessage;
}
