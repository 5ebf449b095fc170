import { type ChatRequest, messageText } from '@prodigon/contracts';
import { BACK_REFERENCES } from '../language/stop-words.ts';
import { splitWords } from '../language/tokenizer.ts';
import { findPassages, type Retrieval } from './find-passages.ts';
import { type Concept, readQuestion } from './parse-query.ts';
import type { PassageIndex } from './passage-index.ts';

type Messages = ChatRequest['messages'];

/** What an earlier turn's words count beside the newest turn's. */
const EARLIER_WEIGHT = 0.7;
const EARLIER_TURNS_MAX = 6;
/** A turn with more topical words than this stands on its own, even if it says "it". */
const SHORT_TURN_CONCEPTS = 2;
/** What points back does so early; a long turn needs no searching through. */
const BEGINNING_CHARACTERS = 500;
const CONTINUES = /^\W*(?:and|but|so|or|why|how come|what about|how about|what if|more|else|really)\b/i;

/**
 * Searches for what the newest user turn asks. When that turn alone names too little ("and why?", "what
 * about its drawbacks?"), earlier user turns add their words, the latest first, until there is a topic.
 */
export function searchConversation(messages: Messages, index: PassageIndex): Retrieval {
  const turns = messages.filter(({ role }) => role === 'user').map(messageText);
  const newest = turns.at(-1) ?? '';
  const concepts = readQuestion(newest, index);
  const topical = concepts.filter(({ kind }) => kind !== 'plain');
  if (topical.length > 0) {
    const alone = findPassages(concepts, index);
    const leansOnEarlier = pointsBack(newest) && topical.length <= SHORT_TURN_CONCEPTS;
    if (!leansOnEarlier || turns.length < 2) return alone;
    const together = findPassages(withEarlier(concepts, turns, index), index);
    return together.passages.length > 0 ? together : alone;
  }
  // Nothing new was named: the same topic again, so other passages than those quoted already are wanted.
  return findPassages(withEarlier(concepts, turns, index), index, { seen: quotedSections(messages, index) });
}

function withEarlier(concepts: readonly Concept[], turns: readonly string[], index: PassageIndex): Concept[] {
  const all = [...concepts];
  for (const turn of turns.slice(0, -1).reverse().slice(0, EARLIER_TURNS_MAX)) {
    const earlier = readQuestion(turn, index);
    for (const concept of earlier) {
      if (!all.some(({ word }) => word === concept.word)) {
        all.push({ ...concept, emphasis: concept.emphasis * EARLIER_WEIGHT, weight: concept.weight * EARLIER_WEIGHT });
      }
    }
    if (earlier.some(({ kind, stems }) => kind === 'field' && stems.size > 0)) break;
  }
  return all;
}

function pointsBack(turn: string): boolean {
  const beginning = turn.slice(0, BEGINNING_CHARACTERS);
  return CONTINUES.test(beginning) || splitWords(beginning).some(({ word }) => BACK_REFERENCES.has(word));
}

/** The sections that the assistant's turns link to, as `path#anchor`. */
function quotedSections(messages: Messages, index: PassageIndex): Set<string> {
  const said = messages
    .filter(({ role }) => role === 'assistant')
    .slice(-EARLIER_TURNS_MAX)
    .map(messageText)
    .join('\n');
  const keys = index.sections.filter(({ path, anchor }) => said.includes(`/${path}#${anchor})`));
  return new Set(keys.map(({ path, anchor }) => `${path}#${anchor}`));
}
