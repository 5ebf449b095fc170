import { type Kysely, sql } from 'kysely';
import type { Database } from '../database-schema.ts';

export interface SearchQuery {
  /** The query for columns of words, as a tsquery. The last word matches by its beginning. */
  readonly words: string;
  /** The words that a match contains, without the owner. */
  readonly lexemes: readonly string[];
  /** The query for the indexes of `chat.search_keys`. */
  readonly keys: string;
  /** Whether a match of `keys` may not match `words`. */
  readonly needsCheck: boolean;
}

/** A shorter last word is complete for the index, because it would read the entries of all words with this beginning. */
const PREFIX_CHARACTERS_MIN = 4;

/** A lexeme of a tsquery as PostgreSQL prints it, or an operator between phrases. */
const TOKEN = /'((?:[^']|'')*)'(:\*)?|<(?:-|\d+)>/g;

/**
 * Parses a search. Returns undefined when no word must be present, because such a search would have to read everything.
 * PostgreSQL parses the words; `querytree` drops what an index cannot find, as excluded words.
 */
export async function parseSearch(db: Kysely<Database>, ownerId: string, q: string): Promise<SearchQuery | undefined> {
  const hasOpenWord = /[\p{L}\p{N}]$/u.test(q);
  const { rows } = await sql<{ words: string; indexable: string; owner_key: string }>`
    select words, querytree(words::tsquery) as indexable, chat.owner_key(${ownerId}) as owner_key
    from (
      select case when ${hasOpenWord} and query ~ '(^|[^!])''([^'']|'''')*''$' then query || ':*' else query end as words
      from (select websearch_to_tsquery('pg_catalog.simple', ${q})::text as query) parsed
    ) search
  `.execute(db);
  const { words = '', indexable = '', owner_key: ownerKey = '' } = rows[0] ?? {};
  if (indexable === '' || indexable === 'T') return undefined;
  const lexemes: string[] = [];
  const keys = indexable.replace(TOKEN, (_token, lexeme: string | undefined, prefix = '') => {
    if (lexeme === undefined) return '&';
    lexemes.push(lexeme.replaceAll("''", "'").replaceAll('\\\\', '\\'));
    return `'${ownerKey}${lexeme}'${[...lexeme].length < PREFIX_CHARACTERS_MIN ? '' : prefix}`;
  });
  return { words, lexemes, keys, needsCheck: /[!<]/.test(words.replace(/'(?:[^']|'')*'/g, '')) };
}
