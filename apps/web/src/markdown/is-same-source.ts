import type { Token, Tokens } from 'marked';

/**
 * Whether two tokens show the same. The open blocks are lexed anew with every update, so equal
 * source must count as equal; only a `[` may mean something else by now, when its definition arrived.
 */
export function isSameSource(before: Token | Tokens.ListItem, after: Token | Tokens.ListItem): boolean {
  return before === after || (before.type === after.type && before.raw === after.raw && !after.raw.includes('['));
}
