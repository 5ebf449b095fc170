import { cutText } from '../cut-text.ts';

export const TITLE_CHARACTERS_MAX = 80;

/** A longer beginning of a question adds nothing to its title. */
const EXAMINED_CHARACTERS = 2_000;
/** A cut between two words loses at most these characters of the title. */
const WORD_CHARACTERS_MAX = 30;

/**
 * Returns the title of a conversation by its first question: the first line with text, without Markdown marks, cut at a
 * word to `TITLE_CHARACTERS_MAX` characters. Returns an empty string for a text without visible characters.
 */
export function titleFromQuestion(text: string): string {
  const lines = text.slice(0, EXAMINED_CHARACTERS).split(/[\n\r\u2028\u2029]+/u);
  const titles = lines.map((line) => oneLine(withoutMarks(line)));
  return cutAtWord(titles.find(hasText) ?? titles.find((title) => title !== '') ?? oneLine(lines.join(' ')));
}

/** Returns the text cut at a word to `TITLE_CHARACTERS_MAX` characters, with an ellipsis; a long word is cut itself. */
export function cutAtWord(text: string): string {
  const cut = cutText(text, TITLE_CHARACTERS_MAX);
  if (cut === text || /\s/u.test(text.charAt(cut.length - 1))) return cut;
  const space = cut.lastIndexOf(' ');
  return space < TITLE_CHARACTERS_MAX - WORD_CHARACTERS_MAX ? cut : `${cut.slice(0, space).trimEnd()}…`;
}

const hasText = (title: string) => /[\p{L}\p{N}]/u.test(title);
const oneLine = (text: string) =>
  text
    .replace(/[\s\p{Cc}]+/gu, ' ')
    .trim()
    .toWellFormed();

function withoutMarks(line: string): string {
  if (/^\s*(?:```|~~~)/.test(line)) return '';
  return line
    .replace(/^(?:\s*(?:#{1,6}(?=\s)|>|[-*+](?=\s)|\d{1,9}[.)](?=\s)|\[[ xX]\](?=\s)))+/, '')
    .replace(/!?\[([^[\]]{0,500})\]\([^()\s]{0,1000}(?:\s"[^"]{0,200}")?\)/g, '$1')
    .replace(/(`+)([^`]+)\1/g, '$2')
    .replace(/(?<![\p{L}\p{N}*_])(\*{1,3}|_{1,3}|~~)(?=[^\s*_])([^*_~]{0,500}[^\s*_~])\1(?![\p{L}\p{N}*_])/gu, '$2')
    .replace(/\s#+\s*$/, '');
}
