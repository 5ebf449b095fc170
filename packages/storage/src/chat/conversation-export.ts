import { AppError } from '@prodigon/contracts';
import { EXPORT_VERSION, type ExportedConversation } from '@prodigon/contracts/conversations';
import { type Kysely, sql } from 'kysely';
import type { Database } from '../database-schema.ts';
import { CONVERSATION_COLUMNS, type ConversationRow, toConversation } from './conversation-rows.ts';
import { MESSAGE_COLUMNS, type MessageRow, toMessage } from './message-rows.ts';
import { endOrphanedGenerations } from './orphaned-generations.ts';

const CONVERSATIONS_PER_READ = 100;

/** Yields the conversations of the owner with all branches, oldest first, or only the given one. */
export async function* exportConversations(
  db: Kysely<Database>,
  ownerId: string,
  conversationId?: string,
): AsyncGenerator<ExportedConversation> {
  await endOrphanedGenerations(db, ownerId);
  if (conversationId !== undefined) {
    const [row] = await readRows(db, sql`c.owner_id = ${ownerId} and c.id = ${conversationId}`);
    if (!row) throw new AppError('CONVERSATION_NOT_FOUND');
    yield toExported(db, ownerId, row);
    return;
  }
  let position = sql``;
  for (;;) {
    const rows = await readRows(db, sql`c.owner_id = ${ownerId} ${position}`);
    for (const row of rows) yield toExported(db, ownerId, row);
    const last = rows.at(-1);
    if (!last || rows.length < CONVERSATIONS_PER_READ) return;
    position = sql`and (c.created_at, c.id) > (${last.created_at}::timestamptz, ${last.id}::uuid)`;
  }
}

async function readRows(db: Kysely<Database>, condition: ReturnType<typeof sql>): Promise<ConversationRow[]> {
  const { rows } = await sql<ConversationRow>`
    select ${CONVERSATION_COLUMNS} from chat.conversations c where ${condition}
    order by c.created_at, c.id limit ${CONVERSATIONS_PER_READ}
  `.execute(db);
  return rows;
}

async function toExported(db: Kysely<Database>, ownerId: string, row: ConversationRow): Promise<ExportedConversation> {
  const { generating: _, shared: __, ...conversation } = toConversation(row);
  const { rows } = await sql<MessageRow>`
    select ${MESSAGE_COLUMNS} from chat.messages m
    where m.conversation_id = ${row.id} and m.owner_id = ${ownerId} order by m.position
  `.execute(db);
  return { prodigon_conversation: EXPORT_VERSION, conversation, messages: rows.map(toMessage) };
}
