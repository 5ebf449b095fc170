import { stemmer } from 'stemmer';
import { PHRASES } from './phrases.ts';
import { STOP_WORDS } from './stop-words.ts';

/** A word of a text in lower case. A compound (`keep-alive`, `heapUsed`) also has parts. */
export interface Word {
  readonly word: string;
  readonly parts: readonly string[];
  /** Whether it is a name in code, such as `STREAMS_MAX` or `heapUsed`, so that its parts alone mean something else. */
  readonly isIdentifier: boolean;
}

const COMPOUND = /[\p{L}\p{N}]+(?:[-_./'’][\p{L}\p{N}]+)*/gu;

/** Returns the words of a text in order, with stop words. Apostrophes are removed: `don't` is `dont`, `user's` is `user`. */
export function splitWords(text: string): Word[] {
  let normalized = text.normalize('NFKC');
  for (const [pattern, replacement] of PHRASES) normalized = normalized.replace(pattern, replacement);
  return [...normalized.matchAll(COMPOUND)].map(([compound]) => {
    const spelled = compound.replace(/['’]s\b/g, '').replace(/['’]/g, '');
    // `heapUsed` is two words, `PostgreSQL` and `gRPC` are one.
    const spaced = spelled.replace(/(\p{Ll}{2})(\p{Lu}\p{Ll})/gu, '$1 $2');
    const parts = spaced.toLowerCase().split(/[-_./ ]+/);
    return {
      word: parts.join(''),
      parts: parts.length > 1 ? parts : [],
      isIdentifier: spaced !== spelled || compound.includes('_'),
    };
  });
}

/** Forms of one word that a stemmer does not relate. */
const BASE_FORMS: ReadonlyMap<string, string> = new Map(
  Object.entries({
    steal: 'stole stolen',
    freeze: 'froze frozen',
    break: 'broke broken',
    grow: 'grew grown',
    rise: 'rose risen',
    fall: 'fell fallen',
    lose: 'lost',
    hide: 'hid hidden',
    speak: 'spoke spoken',
    die: 'dies died dying dead',
    send: 'sent',
    stick: 'stuck',
    forget: 'forgot forgotten',
    choose: 'choice choices chose chosen',
    catch: 'caught',
    free: 'freed',
    bring: 'brought',
    hang: 'hung',
    fail: 'failure failures',
  }).flatMap(([base, forms]) => forms.split(' ').map((form) => [form, base])),
);

/** Returns the term under which a word is indexed: its Porter stem, in American spelling. */
export function stemOf(word: string): string {
  if (/\d/.test(word) || word.length < 3) return word;
  const american = (BASE_FORMS.get(word) ?? word).replace(/([a-z]{3})is(e|ed|es|er|ing|ation)$/, '$1iz$2').replace(/our$/, 'or');
  return stemmer(american);
}

/** Returns the stems of all words in order, compounds in parts, joined by spaces. A term occurs in it as a whole. */
export function stemSequence(text: string): string {
  const stems = splitWords(text).flatMap(({ word, parts }) => (parts.length > 0 ? parts : [word]).map(stemOf));
  return ` ${stems.join(' ')} `;
}

/** Returns the terms of a text for the index: compounds as a whole and in parts, without stop words. */
export function stemsOf(text: string): string[] {
  return splitWords(text)
    .flatMap(({ word, parts }) => [word, ...parts])
    .filter(isSearchable)
    .map(stemOf);
}

/** Returns whether a word is indexed and searched. */
export function isSearchable(word: string): boolean {
  return word.length > 1 && word.length <= 40 && !STOP_WORDS.has(word);
}
