import { type ChatRequest, messageText } from '@prodigon/contracts';
import { BACK_REFERENCES } from '../language/stop-words.ts';
import { splitWords } from '../language/tokenizer.ts';
import { findPassages, type Retrieval } from './find-passages.ts';
import { type Concept, canBeSubject, parseQuery, withCommonWordsAsSubjects, withEmphasis } from './parse-query.ts';
import type { PassageIndex } from './passage-index.ts';

type Messages = ChatRequest['messages'];

/** The emphasis of an earlier turn's words, relative to those of the newest turn. */
const EARLIER_EMPHASIS = 0.7;
const EARLIER_TURNS_MAX = 6;
/** Longer than any response of the tutor. Every section is searched for in it. */
const RESPONSE_CHARACTERS_MAX = 20_000;
/** A turn with more topical words needs no earlier turn, even if it contains "it". */
const SHORT_TURN_CONCEPTS = 2;
/** A reference to an earlier turn comes early, so only the beginning of a turn is searched for one. */
const BEGINNING_CHARACTERS = 500;
const KEYWORD_WORDS_MAX = 2;
const CONTINUES = /^\W*(?:and|but|so|or|why|how come|what about|how about|what if|more|else|really)\b/i;

/** Returns the text of the newest user turn, or an empty text. */
export function newestQuestion(messages: Messages): string {
  return userTurns(messages).at(-1) ?? '';
}

/**
 * Searches for the subject of the newest user turn. When that turn names too little ("and why?", "what about its
 * drawbacks?"), earlier user turns add their words, latest first, until there is a topic.
 */
export function searchConversation(messages: Messages, index: PassageIndex): Retrieval {
  const turns = userTurns(messages);
  const newest = turns.at(-1) ?? '';
  const concepts = parseQuery(newest, index);
  const topical = concepts.filter(({ kind }) => kind !== 'common');
  if (turns.length < 2) {
    const isOnlyCommon = topical.length === 0 && concepts.filter(canBeSubject).length > 1;
    const isKeyword = splitWords(newest.slice(0, BEGINNING_CHARACTERS)).length <= KEYWORD_WORDS_MAX;
    return findPassages(isOnlyCommon ? withCommonWordsAsSubjects(concepts) : concepts, index, { isKeyword });
  }
  if (topical.length > 0) {
    const alone = findPassages(concepts, index);
    const isShort = topical.length <= SHORT_TURN_CONCEPTS;
    const isKnown = topical.every(({ stems }) => stems.size > 0);
    const needsEarlierTurns = refersBack(newest) || (alone.passages.length === 0 && isKnown);
    if (!isShort || !needsEarlierTurns) return alone;
    const together = findPassages(withEarlierTurns(concepts, turns, index), index);
    return together.passages.length > 0 ? together : alone;
  }
  const all = withEarlierTurns(withCommonWordsAsSubjects(concepts), turns, index);
  // A turn without any word of its own asks for other passages on the same topic.
  const isBare = concepts.every(({ stems }) => stems.size === 0);
  return findPassages(all, index, isBare ? { seen: quotedSections(messages, index) } : {});
}

function userTurns(messages: Messages): string[] {
  return messages.filter(({ role }) => role === 'user').map(messageText);
}

function withEarlierTurns(concepts: readonly Concept[], turns: readonly string[], index: PassageIndex): Concept[] {
  const all = [...concepts];
  for (const turn of turns.slice(0, -1).reverse().slice(0, EARLIER_TURNS_MAX)) {
    const earlier = parseQuery(turn, index);
    for (const concept of earlier) {
      if (!all.some(({ word }) => word === concept.word)) all.push(withEmphasis(concept, EARLIER_EMPHASIS));
    }
    if (earlier.some(({ kind, stems }) => kind === 'field' && stems.size > 0)) break;
  }
  return all;
}

function refersBack(turn: string): boolean {
  const beginning = turn.slice(0, BEGINNING_CHARACTERS);
  return CONTINUES.test(beginning) || splitWords(beginning).some(({ word }) => BACK_REFERENCES.has(word));
}

/** Returns the sections that the assistant's turns link to, as `path#anchor`. */
function quotedSections(messages: Messages, index: PassageIndex): Set<string> {
  const responses = messages
    .filter(({ role }) => role === 'assistant')
    .slice(-EARLIER_TURNS_MAX)
    .map((message) => messageText(message).slice(0, RESPONSE_CHARACTERS_MAX))
    .join('\n');
  const quoted = index.sections.filter(({ path, anchor }) => responses.includes(`/${path}#${anchor})`));
  return new Set(quoted.map(({ path, anchor }) => `${path}#${anchor}`));
}
