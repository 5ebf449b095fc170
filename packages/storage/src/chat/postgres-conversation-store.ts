import { randomUUIDv7 } from 'node:crypto';
import { AppError } from '@prodigon/contracts';
import type { UpdateConversation } from '@prodigon/contracts/conversations';
import type { ConversationStore } from '@prodigon/ports';
import { type Kysely, type RawBuilder, sql } from 'kysely';
import { storableText, translateErrors } from '../create-database.ts';
import type { Database } from '../database-schema.ts';
import { decodeCursor, encodeCursor } from './conversation-cursor.ts';
import { exportConversations } from './conversation-export.ts';
import { importConversation } from './conversation-import.ts';
import { addMessage, removeMessage, updateMessage } from './conversation-messages.ts';
import {
  CONVERSATION_COLUMNS,
  type ConversationRow,
  lockConversation,
  readConversation,
  toConversation,
} from './conversation-rows.ts';
import { searchConversations } from './conversation-search.ts';
import { readShared, shareConversation, unshareConversation } from './conversation-sharing.ts';
import { findLatestDescendant, readPath, withSiblings } from './message-path.ts';
import { findMessage } from './message-rows.ts';
import { endOrphanedGenerations } from './orphaned-generations.ts';

/** Creates a store of conversations in PostgreSQL. Every statement is limited to one owner. */
export function createPostgresConversationStore(db: Kysely<Database>): ConversationStore {
  return translateErrors<ConversationStore>({
    async create(ownerId, conversation) {
      const id = randomUUIDv7();
      const title = conversation.title === undefined ? undefined : storableText(conversation.title);
      await sql`
        insert into chat.conversations (id, owner_id, title, title_source, system_prompt, model, max_tokens, temperature, tags)
        values (
          ${id}, ${ownerId}, ${title ?? ''}, ${title === undefined ? 'none' : 'user'},
          ${conversation.system_prompt ?? null}, ${conversation.model ?? null}, ${conversation.max_tokens ?? null},
          ${conversation.temperature ?? null}, ${uniqueTags(conversation.tags)}
        )
      `.execute(db);
      return readConversation(db, ownerId, id);
    },

    async list(ownerId, { limit, after, archived, pinned, tag }) {
      await endOrphanedGenerations(db, ownerId);
      const cursor = after === undefined ? undefined : decodeCursor(after);
      const conditions = [
        sql`c.owner_id = ${ownerId}`,
        ...(cursor ? [sql`(c.updated_at, c.id) < (${cursor.updatedAt}::timestamptz, ${cursor.id}::uuid)`] : []),
        ...(archived === 'all' ? [] : [sql`c.archived = ${archived === 'true'}`]),
        // The literal condition lets the planner use the index of pinned conversations.
        ...(pinned === undefined ? [] : [pinned === 'true' ? sql`c.pinned` : sql`not c.pinned`]),
        ...(tag === undefined ? [] : [sql`${tag} = any(c.tags)`]),
      ];
      const { rows } = await sql<ConversationRow>`
        select ${CONVERSATION_COLUMNS} from chat.conversations c where ${sql.join(conditions, sql` and `)}
        order by c.updated_at desc, c.id desc limit ${limit + 1}
      `.execute(db);
      const page = rows.slice(0, limit);
      const last = page.at(-1);
      const nextAfter = last && rows.length > limit ? encodeCursor({ updatedAt: last.updated_at, id: last.id }) : null;
      return { conversations: page.map(toConversation), nextAfter };
    },

    async get(ownerId, conversationId, { limit, before }) {
      await endOrphanedGenerations(db, ownerId);
      const conversation = await readConversation(db, ownerId, conversationId);
      const scope = { ownerId, conversationId };
      const lastId = before === undefined ? conversation.active_message_id : (await findMessage(db, scope, before)).parent_id;
      const rows = await readPath(db, scope, { lastId, limit });
      const messages = await withSiblings(db, scope, rows);
      return { ...conversation, messages, has_earlier: (messages[0]?.parent_id ?? null) !== null };
    },

    update: (ownerId, conversationId, changes) => updateConversation(db, ownerId, conversationId, changes),

    async suggestTitle(ownerId, conversationId, title, source) {
      await readConversation(db, ownerId, conversationId);
      await sql`
        update chat.conversations set title = ${storableText(title)}, title_source = ${source}
        where id = ${conversationId} and owner_id = ${ownerId} and title_source <> 'user'
      `.execute(db);
    },

    async remove(ownerId, conversationId) {
      const { rows } = await sql`
        delete from chat.conversations where id = ${conversationId} and owner_id = ${ownerId} returning id
      `.execute(db);
      if (rows.length === 0) throw new AppError('CONVERSATION_NOT_FOUND');
    },

    async removeAll(ownerId) {
      const { rows } = await sql`delete from chat.conversations where owner_id = ${ownerId} returning id`.execute(db);
      return rows.length;
    },

    addMessage: (ownerId, conversationId, message) => addMessage(db, { ownerId, conversationId }, message),
    updateMessage: (ownerId, conversationId, messageId, content) =>
      updateMessage(db, { ownerId, conversationId }, messageId, content),
    removeMessage: (ownerId, conversationId, messageId) => removeMessage(db, { ownerId, conversationId }, messageId),

    search: (ownerId, query) => searchConversations(db, ownerId, query),
    exportAll: (ownerId, conversationId) => exportConversations(db, ownerId, conversationId),
    importOne: (ownerId, conversation) => importConversation(db, ownerId, conversation),
    share: (ownerId, conversationId, tokenHash) => shareConversation(db, { ownerId, conversationId }, tokenHash),
    unshare: (ownerId, conversationId) => unshareConversation(db, { ownerId, conversationId }),
    getShared: (tokenHash) => readShared(db, tokenHash),
  });
}

const uniqueTags = (tags: readonly string[] = []) => [...new Set(tags.map(storableText))];

/** Changes the fields that are present. A title becomes one of the user. */
async function updateConversation(
  db: Kysely<Database>,
  ownerId: string,
  conversationId: string,
  { title, tags, active_message_id, ...changes }: UpdateConversation,
) {
  const columns: RawBuilder<unknown>[] = [];
  if (title !== undefined) columns.push(sql`title = ${storableText(title)}, title_source = 'user'`);
  if (tags !== undefined) columns.push(sql`tags = ${uniqueTags(tags)}`);
  for (const [name, value] of Object.entries(changes)) {
    if (value !== undefined) columns.push(sql`${sql.ref(name)} = ${value}`);
  }
  await db.transaction().execute(async (trx) => {
    await lockConversation(trx, ownerId, conversationId);
    if (active_message_id !== undefined) {
      const scope = { ownerId, conversationId };
      await findMessage(trx, scope, active_message_id);
      columns.push(sql`active_message_id = ${await findLatestDescendant(trx, scope, active_message_id)}`);
    }
    if (columns.length === 0) return;
    await sql`
      update chat.conversations set ${sql.join(columns)} where id = ${conversationId} and owner_id = ${ownerId}
    `.execute(trx);
  });
  return readConversation(db, ownerId, conversationId);
}
