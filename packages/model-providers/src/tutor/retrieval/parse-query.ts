import { COMMON_WORDS } from '../language/common-words.ts';
import { COMPUTING_WORDS, TECHNICAL_WORDS, TECHNOLOGY_NAMES } from '../language/computing-words.ts';
import { FAMILIAR_WORDS } from '../language/familiar-words.ts';
import { FIELD_TERMS } from '../language/field-terms.ts';
import { STOP_WORDS } from '../language/stop-words.ts';
import { SYNONYM_GROUPS } from '../language/thesaurus.ts';
import { isSearchable, splitWords, stemOf, stemSequence } from '../language/tokenizer.ts';
import type { PassageIndex } from './passage-index.ts';
import { correctSpelling } from './spelling-correction.ts';

/** One subject of a query, with the stems by which pages may contain it. */
export interface Concept {
  readonly word: string;
  /** The weight of a match by stem, 1 for the word itself. Empty when no page contains any of them. */
  readonly stems: ReadonlyMap<string, number>;
  /**
   * `field`: a term of the field, because the thesaurus or a heading contains it. `common`: a word of questions about
   * any topic. `other`: any other word; a page may contain it incidentally.
   */
  readonly kind: 'field' | 'other' | 'common';
  /** Whether the word has hardly any meaning outside computing, so that the whole query is about this field. */
  readonly technical: boolean;
  /** How much the query is about the concept: 1, or less for a contrast and for earlier turns. */
  readonly emphasis: number;
  /** The weight in ranking, including the emphasis. */
  readonly weight: number;
}

/** A longer question, e.g. with a pasted log, is truncated. */
const CHARACTERS_MAX = 4_000;
const CONCEPTS_MAX = 48;
/** Each unknown word is compared with the whole vocabulary, and many misspellings can mean one concept. */
const WORDS_MAX = 96;
/** A synonym weighs less when the pages contain the word itself. */
const SYNONYM_WEIGHT = { beside: 0.4, instead: 0.7 };
const CORRECTION_WEIGHT = 0.7;
/** The weight in ranking by kind. By rarity alone, an incidental word would decide. */
const KIND_WEIGHT = { field: 1, other: 0.9, common: 0.3 };
/** The weight of the words after "over" or "instead of", because the question is about the words before. */
const CONTRAST_WEIGHT = 0.5;
/** The emphasis of the platform's name beside other subjects, because every page is about the platform. */
const PLATFORM_EMPHASIS = 0.3;
const PLATFORM_NAMES = new Set(['prodigon', 'platform']);
const CONTRAST = /\b(?:over|instead of|rather than|in\s+place\s+of|compared (?:to|with))\b/i;

const commonStems = new Set(COMMON_WORDS.map(stemOf));
const familiarStems = new Set([...COMMON_WORDS, ...FAMILIAR_WORDS].map(stemOf));
const technicalWords = new Set([...TECHNICAL_WORDS, ...TECHNOLOGY_NAMES]);
const technicalStems = new Set([...technicalWords].map(stemOf));
const computingStems = new Set([...technicalStems, ...COMPUTING_WORDS.map(stemOf)]);
const languageWords = new Set([
  ...STOP_WORDS,
  ...COMMON_WORDS,
  ...FAMILIAR_WORDS,
  ...TECHNICAL_WORDS,
  ...TECHNOLOGY_NAMES,
  ...COMPUTING_WORDS,
]);
const fieldTerms = FIELD_TERMS.map(stemSequence);
const synonyms = readSynonyms();

/** Returns the concepts of a question, each once, in order. */
export function parseQuery(text: string, index: PassageIndex): Concept[] {
  const question = text.slice(0, CHARACTERS_MAX);
  const contrast = question.search(CONTRAST);
  const subject = contrast < 0 ? question : question.slice(0, contrast);
  const concepts = new Map<string, Concept>();
  const sequence = stemSequence(question);
  const missingTerms = fieldTerms.filter((term) => sequence.includes(term) && !index.hasSequence(term));
  for (const term of missingTerms) concepts.set(term, missingTerm(term.trim()));
  for (const word of distinctWords(subject)) add(word, 1);
  if (contrast >= 0) for (const word of distinctWords(question.slice(contrast))) add(word, CONTRAST_WEIGHT);
  return withWeakPlatformName([...concepts.values()]);

  function distinctWords(part: string): string[] {
    return [...new Set(queryWords(part, index))].slice(0, WORDS_MAX);
  }

  function add(word: string, emphasis: number): void {
    if (concepts.size >= CONCEPTS_MAX) return;
    const concept = conceptOf(word, emphasis, index);
    const key = stemOf(concept.word);
    if (!concepts.has(key)) concepts.set(key, concept);
  }
}

function missingTerm(word: string): Concept {
  return { word, stems: new Map(), kind: 'field', technical: true, emphasis: 1, weight: 1 };
}

/** Returns the common words of a question that consists of nothing else as its subjects, e.g. "power of two choices". */
export function withCommonWordsAsSubjects(concepts: readonly Concept[]): Concept[] {
  return concepts.map((concept) =>
    concept.kind === 'common' && canBeSubject(concept)
      ? { ...concept, kind: 'other', weight: concept.emphasis * KIND_WEIGHT.other }
      : concept,
  );
}

/** Returns whether the pages contain the concept, and it is no number. */
export function canBeSubject({ word, stems }: Concept): boolean {
  return stems.size > 0 && !/^\d/.test(word);
}

function withWeakPlatformName(concepts: readonly Concept[]): Concept[] {
  const isPlatform = ({ word }: Concept) => PLATFORM_NAMES.has(word);
  if (!concepts.some((concept) => concept.kind !== 'common' && !isPlatform(concept))) return [...concepts];
  return concepts.map((concept) => (isPlatform(concept) ? withEmphasis(concept, PLATFORM_EMPHASIS) : concept));
}

/** Returns a concept that the question is about to a lesser degree. */
export function withEmphasis(concept: Concept, factor: number): Concept {
  return { ...concept, emphasis: concept.emphasis * factor, weight: concept.weight * factor };
}

function conceptOf(word: string, emphasis: number, index: PassageIndex): Concept {
  const stems = stemsFor(stemOf(word), index);
  if (stems.size > 0) return concept(word, stems, kindOf(word, index));
  if (technicalStems.has(stemOf(word))) return concept(word, stems, 'field');
  if (isFamiliar(word) || computingStems.has(stemOf(word))) return concept(word, stems, 'common');
  const corrected = correctSpelling(word, index.vocabulary) ?? correctSpelling(word, languageWords);
  if (!corrected) return concept(word, stems, kindOf(word, index));
  if (!isSearchable(corrected)) return concept(corrected, new Map(), 'common');
  const meant = [...stemsFor(stemOf(corrected), index)].map(([stem, value]) => [stem, value * CORRECTION_WEIGHT] as const);
  return concept(corrected, new Map(meant), kindOf(corrected, index));

  function concept(used: string, found: ReadonlyMap<string, number>, kind: Concept['kind']): Concept {
    return {
      word: used,
      stems: found,
      kind,
      technical: technicalStems.has(stemOf(used)),
      emphasis,
      weight: emphasis * KIND_WEIGHT[kind],
    };
  }
}

function kindOf(word: string, index: PassageIndex): Concept['kind'] {
  const stem = stemOf(word);
  // Before its stem, because the stem of "readiness" is that of "ready".
  if (technicalWords.has(word)) return 'field';
  // Numbers of one or two digits are amounts. Longer ones may be names, such as 403.
  if (commonStems.has(stem) || /^\d{1,2}$/.test(stem)) return 'common';
  if (synonyms.has(stem) || computingStems.has(stem) || index.isInHeading(stem)) return 'field';
  return isFamiliar(word) ? 'common' : 'other';
}

/** Recognizes adverbs and comparative forms too: `bigger`, `easiest`, `cheaper`. */
function isFamiliar(word: string): boolean {
  const base = word.replace(/i?e(?:r|st)$/, '');
  const forms = base === word ? [word] : [word, base, `${base}e`, `${base}y`, base.replace(/(.)\1$/, '$1')];
  return /\w{3}ly$/.test(word) || forms.some((form) => familiarStems.has(stemOf(form)));
}

function stemsFor(stem: string, index: PassageIndex): Map<string, number> {
  const found = new Map<string, number>();
  if (index.has(stem)) found.set(stem, 1);
  const weight = found.size > 0 ? SYNONYM_WEIGHT.beside : SYNONYM_WEIGHT.instead;
  for (const other of synonyms.get(stem) ?? []) {
    if (other !== stem && index.has(other)) found.set(other, weight);
  }
  return found;
}

/**
 * Returns the words to search for. Joins two words that the pages write as one (`back pressure`), and splits compounds.
 * Omits numbers that no page contains.
 */
function queryWords(text: string, index: PassageIndex): string[] {
  const words: string[] = [];
  const isKnown = (word: string) => index.has(stemOf(word)) || synonyms.has(stemOf(word));
  const flat = splitWords(text)
    .flatMap(({ word, parts, isIdentifier }) => {
      if (parts.length === 0) return [word];
      // A name such as `useEffect` that no page contains means more than its parts.
      if (!isKnown(word)) return isIdentifier ? [word, ...parts] : parts;
      return isIdentifier || !parts.every(isKnown) ? [word] : [word, ...parts];
    })
    .filter((word) => !/^\d+$/.test(word) || isKnown(word));
  for (let position = 0; position < flat.length; position += 1) {
    const word = flat[position] ?? '';
    const joined = word + (flat[position + 1] ?? '');
    const isSeparate = isKnown(word) && isKnown(flat[position + 1] ?? '');
    if (!isSeparate && joined.length >= 6 && isSearchable(word) && isSearchable(joined) && isKnown(joined)) {
      words.push(joined);
      position += 1;
    } else if (isSearchable(word)) words.push(word);
  }
  return words;
}

function readSynonyms(): ReadonlyMap<string, ReadonlySet<string>> {
  const groups = new Map<string, Set<string>>();
  for (const line of SYNONYM_GROUPS) {
    const stems = line.split(' ').map(stemOf);
    for (const stem of stems) {
      const group = groups.get(stem) ?? new Set<string>();
      for (const other of stems) group.add(other);
      groups.set(stem, group);
    }
  }
  return groups;
}
