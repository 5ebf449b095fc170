import type { StartedGeneration } from '@prodigon/ports';
import { type Kysely, sql } from 'kysely';
import type { Database } from '../database-schema.ts';
import type { MessageScope } from './message-rows.ts';

/** Bytes of the history of a turn, of JSON. The largest contexts of models have about a million tokens. */
const HISTORY_BYTES_MAX = 8_000_000;

/** Reads the latest messages of the path that ends with a message, up to a limit of bytes, and counts the earlier ones. */
export async function readHistory(
  db: Kysely<Database>,
  { ownerId, conversationId }: MessageScope,
  lastId: string | null,
): Promise<Pick<StartedGeneration, 'history' | 'olderMessages'>> {
  const { rows } = await sql<StartedGeneration['history'][number] & { depth: number }>`
    with recursive path as (
      select id, parent_id, octet_length(parts::text) as bytes from chat.messages
      where id = ${lastId} and conversation_id = ${conversationId} and owner_id = ${ownerId}
      union all
      select m.id, m.parent_id, path.bytes + octet_length(m.parts::text)
      from path join chat.messages m on m.id = path.parent_id
      where path.bytes < ${HISTORY_BYTES_MAX}
    )
    select m.id, m.role, m.parts, m.depth from path join chat.messages m on m.id = path.id order by m.depth
  `.execute(db);
  return { history: rows.map(({ id, role, parts }) => ({ id, role, parts })), olderMessages: rows[0]?.depth ?? 0 };
}
