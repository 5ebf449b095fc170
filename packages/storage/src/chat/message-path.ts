import type { ConversationMessage } from '@prodigon/contracts/conversations';
import { type Kysely, sql } from 'kysely';
import type { Database } from '../database-schema.ts';
import { MESSAGE_COLUMNS, type MessageRow, type MessageScope, toMessage } from './message-rows.ts';

interface PathQuery {
  /** Id of the last message of the path. */
  readonly lastId: string | null;
  readonly limit?: number | undefined;
}

/** Reads up to `limit` messages of the path that ends with a message, oldest first. Walks the tree upwards from there. */
export async function readPath(
  db: Kysely<Database>,
  { ownerId, conversationId }: MessageScope,
  { lastId, limit }: PathQuery,
): Promise<MessageRow[]> {
  const { rows } = await sql<MessageRow>`
    with recursive path as (
      select 1 as number, ${MESSAGE_COLUMNS} from chat.messages m
      where m.id = ${lastId} and m.conversation_id = ${conversationId} and m.owner_id = ${ownerId}
      union all
      select number + 1, ${MESSAGE_COLUMNS} from path join chat.messages m on m.id = path.parent_id
      where ${limit ?? null}::int is null or number < ${limit ?? null}::int
    )
    select * from path order by number desc
  `.execute(db);
  return rows;
}

/** Returns the messages of a part of a path with their siblings. */
export async function withSiblings(
  db: Kysely<Database>,
  { ownerId, conversationId }: MessageScope,
  rows: readonly MessageRow[],
): Promise<ConversationMessage[]> {
  const parentIds = rows.flatMap(({ parent_id }) => parent_id ?? []);
  const hasFirst = parentIds.length < rows.length;
  const { rows: groups } = await sql<{ ids: string[] }>`
    select array_agg(id order by position) as ids from (
      select id, position, parent_id, role from chat.messages
      where conversation_id = ${conversationId} and owner_id = ${ownerId} and parent_id = any(${parentIds}::uuid[])
      union all
      select id, position, parent_id, role from chat.messages
      where conversation_id = ${conversationId} and owner_id = ${ownerId} and parent_id is null and ${hasFirst}
    ) sibling
    group by parent_id, role having count(*) > 1
  `.execute(db);
  const siblings = new Map(groups.flatMap(({ ids }) => ids.map((id) => [id, ids])));
  return rows.map((row) => ({ ...toMessage(row), sibling_ids: siblings.get(row.id) ?? [row.id] }));
}

/** Returns the id of the latest message that follows the given one, on any branch, or its own id. */
export async function findLatestDescendant(db: Kysely<Database>, { conversationId }: MessageScope, id: string): Promise<string> {
  const { rows } = await sql<{ id: string }>`
    with recursive branch as (
      select id, position from chat.messages where id = ${id}
      union all
      select m.id, m.position from branch
      join chat.messages m on m.conversation_id = ${conversationId} and m.parent_id = branch.id
    )
    select id from branch order by position desc limit 1
  `.execute(db);
  return rows[0]?.id ?? id;
}
