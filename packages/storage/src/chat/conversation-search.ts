import type { ConversationSearch, ConversationSearchQuery } from '@prodigon/contracts/conversations';
import { type Kysely, type RawBuilder, sql } from 'kysely';
import type { Database } from '../database-schema.ts';
import { CONVERSATION_COLUMNS, type ConversationRow, toConversation } from './conversation-rows.ts';
import { endOrphanedGenerations } from './orphaned-generations.ts';
import { parseSearch, type SearchQuery } from './search-query.ts';

/** The latest conversations, and the latest messages of each, that a search reads before it uses an index. */
const LATEST = { conversations: 40, messages: 100 } as const;
/** The conversations whose weeks a search looks up in the index before it looks up all weeks. */
const RECENT_CONVERSATIONS = 250;
/** Longer lists of weeks cost more than they exclude. */
const WEEKS_MAX = 104;
/** Entries of the index that a step reads. If there are more, the results are some of the matches, not the latest. */
const MATCHES_MAX = 10_000;

/** A result: a conversation with its latest matching message, or a matching title. */
interface Match {
  readonly conversation_id: string;
  readonly message_id: string | null;
}

/**
 * Finds conversations by their titles and messages: titles first, then the latest messages. A frequent word ends the search
 * among the latest messages, and a rare one has few entries in the index, so that no search reads all messages.
 */
export async function searchConversations(
  db: Kysely<Database>,
  ownerId: string,
  { q, limit }: ConversationSearchQuery,
): Promise<ConversationSearch> {
  await endOrphanedGenerations(db, ownerId);
  const query = await parseSearch(db, ownerId, q);
  if (!query) return { results: [] };
  return db.transaction().execute(async (trx) => {
    // A GIN index has no other scans. Without statistics the planner would prefer to read all rows.
    await sql`
      select set_config('enable_bitmapscan', 'on', true), set_config('enable_seqscan', 'off', true), set_config('jit', 'off', true)
    `.execute(trx);
    const search = { trx, ownerId, query, limit };
    const found = new Map<string, Match>();
    const add = (matches: readonly Match[]) => {
      for (const match of matches) if (!found.has(match.conversation_id)) found.set(match.conversation_id, match);
    };
    add(await findTitles(search));
    if (found.size < limit) add(await findLatest(search));
    if (found.size < limit) add(await findInIndex(search, RECENT_CONVERSATIONS));
    if (found.size < limit) add(await findInIndex(search));
    return { results: await readResults(search, [...found.values()].slice(0, limit)) };
  });
}

interface Search {
  readonly trx: Kysely<Database>;
  readonly ownerId: string;
  readonly query: SearchQuery;
  readonly limit: number;
}

async function findTitles({ trx, ownerId, query, limit }: Search): Promise<Match[]> {
  const { rows } = await sql<Match>`
    select id as conversation_id, null as message_id from (
      select id, updated_at from chat.conversations
      where chat.search_keys(owner_id, created_at, title_words) @@ ${query.keys}::tsquery
        and owner_id = ${ownerId} and title_words @@ ${query.words}::tsquery
      limit ${MATCHES_MAX}
    ) found order by updated_at desc, id desc limit ${limit}
  `.execute(trx);
  return rows;
}

/** Walks through the latest messages of the latest conversations. */
async function findLatest({ trx, ownerId, query, limit }: Search): Promise<Match[]> {
  const { rows } = await sql<Match>`
    select latest.id as conversation_id, message.id as message_id
    from (
      select id, updated_at from chat.conversations where owner_id = ${ownerId}
      order by updated_at desc, id desc limit ${LATEST.conversations}
    ) latest
    cross join lateral (
      select id from (
        select id, words, position from chat.messages where conversation_id = latest.id and owner_id = ${ownerId}
        order by position desc limit ${LATEST.messages}
      ) newest where words @@ ${query.words}::tsquery order by position desc limit 1
    ) message
    order by latest.updated_at desc, latest.id desc limit ${limit}
  `.execute(trx);
  return rows;
}

/** Searches the index, within the weeks of the given number of latest conversations or in all. */
async function findInIndex({ trx, ownerId, query, limit }: Search, conversations?: number): Promise<Match[]> {
  let keys: RawBuilder<unknown> = sql`${query.keys}::tsquery`;
  if (conversations !== undefined) {
    const weeks = await findWeeks(trx, ownerId, conversations);
    if (weeks === undefined) return [];
    keys = sql`(${keys} && ${weeks}::tsquery)`;
  }
  const { rows } = await sql<Match>`
    select c.id as conversation_id, m.id as message_id
    from (
      select conversation_id, max(position) as position from (
        select conversation_id, position, words from chat.messages
        where chat.search_keys(owner_id, created_at, words) @@ ${keys} and owner_id = ${ownerId}
        limit ${MATCHES_MAX}
      ) matching
      ${query.needsCheck ? sql`where words @@ ${query.words}::tsquery` : sql``}
      group by conversation_id
    ) found
    join chat.conversations c on c.id = found.conversation_id
    join chat.messages m on m.conversation_id = found.conversation_id and m.position = found.position
    order by c.updated_at desc, c.id desc limit ${limit}
  `.execute(trx);
  return rows;
}

/** Returns a tsquery for the weeks since the latest conversations began, or undefined if these are too many or all. */
async function findWeeks(trx: Kysely<Database>, ownerId: string, conversations: number): Promise<string | undefined> {
  const { rows } = await sql<{ weeks: string | null }>`
    select case when last - first < ${WEEKS_MAX} then (
      select string_agg(quote_literal(chat.owner_key(${ownerId}) || '@' || week), ' | ') from generate_series(first, last) week
    ) end as weeks
    from (
      select floor(extract(epoch from updated_at) / 604800)::int as first, floor(extract(epoch from now()) / 604800)::int as last
      from chat.conversations where owner_id = ${ownerId}
      order by updated_at desc, id desc offset ${conversations} limit 1
    ) window_start
  `.execute(trx);
  return rows[0]?.weeks ?? undefined;
}

/** Characters around the first match that the excerpt is made from. */
const EXCERPT = { before: 300, characters: 2_000 } as const;
/** Characters that mark matches. They are removed from the text of the excerpt first. */
const [START, END] = ['\u0001', '\u0002'];

async function readResults({ trx, ownerId, query }: Search, matches: readonly Match[]): Promise<ConversationSearch['results']> {
  if (matches.length === 0) return [];
  const { rows } = await sql<ConversationRow & { message_id: string | null; excerpt: string }>`
    select ${CONVERSATION_COLUMNS}, match.message_id, ts_headline(
      'pg_catalog.simple', substr(source.text, greatest(1, source.first - ${EXCERPT.before}), ${EXCERPT.characters}),
      ${query.words}::tsquery, ${`StartSel=${START}, StopSel=${END}, MaxWords=30, MinWords=15`}
    ) as excerpt
    from unnest(${matches.map((match) => match.conversation_id)}::uuid[], ${matches.map((match) => match.message_id)}::uuid[])
      with ordinality as match(conversation_id, message_id, number)
    join chat.conversations c on c.id = match.conversation_id and c.owner_id = ${ownerId}
    left join chat.messages m on m.id = match.message_id
    cross join lateral (
      select plain.text, coalesce((
        select min(place) from unnest(${query.lexemes}::text[]) lexeme, strpos(lower(plain.text), lexeme) place where place > 0
      ), 1) as first
      from (
        select translate(coalesce((
          select string_agg(part->>'text', E'\n') from json_array_elements(m.parts) part where part->>'type' = 'text'
        ), c.title), ${START + END}, '') as text
      ) plain
    ) source
    order by match.number
  `.execute(trx);
  return rows.map((row) => ({
    conversation: toConversation(row),
    message_id: row.message_id,
    excerpt: toPieces(row.excerpt),
  }));
}

function toPieces(excerpt: string): ConversationSearch['results'][number]['excerpt'] {
  return excerpt
    .split(START as string)
    .flatMap((piece, index) => {
      if (index === 0) return [{ text: piece, match: false }];
      const [match = '', rest = ''] = piece.split(END as string);
      return [
        { text: match, match: true },
        { text: rest, match: false },
      ];
    })
    .filter(({ text }) => text !== '');
}
