import type { MarkdownSection } from '../../../content/markdown-sections.ts';
import type { PassageIndex } from './passage-index.ts';
import type { Concept } from './read-question.ts';

export interface Passage {
  readonly section: MarkdownSection;
  /** Comparable within one retrieval only. */
  readonly score: number;
  /** Which share of what the question is about the section speaks of, weighted by rarity: 0 to 1. */
  readonly coverage: number;
  /** The question's words that the section has, itself or by a synonym. */
  readonly matched: readonly string[];
  /** The stems by which it has them. */
  readonly stems: readonly string[];
}

export interface Retrieval {
  /** Best first. Empty when nothing was found. */
  readonly passages: readonly Passage[];
  /** The best coverage among the best sections, also when it was too little. */
  readonly coverage: number;
}

export interface FindOptions {
  readonly passagesMax?: number;
  /** Sections to prefer others to, as `path#anchor`: what the conversation has quoted already. */
  readonly seen?: ReadonlySet<string>;
}

const PER_PAGE_MAX = 2;
/** How much the rest of its page adds to a section: a question's words are often spread over a page. */
const PAGE_SHARE = 0.3;
/** What a word on the same page, but in another section, counts for coverage. */
const PAGE_CREDIT = 0.4;
/** A word that no page has, as a share of the rarest one that a page has. */
const UNKNOWN_IMPORTANCE = 0.7;
const PLAIN_IMPORTANCE = 0.15;
/** What finding a word counts that is no term of the field: "flat" or "child" occur by the way. */
const OTHER_CREDIT = 0.7;
const SEEN_FACTOR = 0.4;
const TERM_COUNT = { field: 1, other: 0.5, plain: 0 };
/** Coverage needed with one term of the field, and how much less with each further one: terms that agree outweigh gaps. */
const TERMS_MIN = 0.5;
/** Less is enough when the pages know every word of the question: then its words are only scattered. */
const NOTHING_STRANGE = 0.6;
const COVERAGE_NEEDED = 0.5;
const COVERAGE_PER_TERM = 0.09;
const COVERAGE_MIN = 0.25;
/** The passages that decide whether anything was found: further down something fits by chance. */
const DECIDING_PASSAGES = 3;

/** The sections that fit a question best, or none when too little of it is found anywhere. */
export function findPassages(concepts: readonly Concept[], index: PassageIndex, options: FindOptions = {}): Retrieval {
  const { passagesMax = 3, seen = new Set<string>() } = options;
  const evidence = gatherEvidence(concepts, index);
  const importance = concepts.map((concept) => importanceOf(concept, index));
  const total = importance.reduce((sum, value) => sum + value, 0);

  const candidates = [...evidence.sections].map(([id, matches]) => {
    const section = index.sections[id] as MarkdownSection;
    const page = evidence.pages.get(section.path) ?? new Map<number, Match>();
    let score = 0;
    let covered = 0;
    for (const [position, concept] of concepts.entries()) {
      const here = matches.get(position);
      const nearby = page.get(position);
      score += concept.weight * ((here?.score ?? 0) + PAGE_SHARE * (nearby?.score ?? 0));
      const credit = Math.max(here?.credit ?? 0, PAGE_CREDIT * (nearby?.credit ?? 0));
      covered += (importance[position] ?? 0) * credit * (concept.kind === 'other' ? OTHER_CREDIT : 1);
    }
    const coverage = total === 0 ? 0 : covered / total;
    const known = concepts.filter((_, position) => matches.has(position));
    const factor =
      (0.3 + 0.7 * coverage) * (1 - section.linkShare) * (seen.has(`${section.path}#${section.anchor}`) ? SEEN_FACTOR : 1);
    const terms = concepts.reduce((sum, { kind }, position) => {
      const found = matches.has(position) ? 1 : page.has(position) ? PAGE_CREDIT : 0;
      return sum + found * TERM_COUNT[kind];
    }, 0);
    const stems = [...matches.values()].map((match) => match.stem);
    return { terms, passage: { section, score: score * factor, coverage, matched: known.map(({ word }) => word), stems } };
  });

  candidates.sort((left, right) => right.passage.score - left.passage.score);
  const hasStrangeWord = concepts.some(({ kind, stems }) => kind !== 'plain' && stems.size === 0);
  const deciding = candidates.slice(0, DECIDING_PASSAGES);
  const coverage = Math.max(0, ...deciding.map(({ passage }) => passage.coverage));
  if (!deciding.some(({ terms, passage }) => passage.coverage >= coverageNeeded(terms, hasStrangeWord)))
    return { passages: [], coverage };
  return {
    passages: pickBest(
      candidates.map(({ passage }) => passage),
      passagesMax,
    ),
    coverage,
  };
}

function coverageNeeded(terms: number, hasStrangeWord: boolean): number {
  if (terms < TERMS_MIN) return Number.POSITIVE_INFINITY;
  const needed = Math.max(COVERAGE_MIN, COVERAGE_NEEDED - COVERAGE_PER_TERM * (terms - 1));
  return hasStrangeWord ? needed : needed * NOTHING_STRANGE;
}

interface Match {
  readonly stem: string;
  readonly score: number;
  readonly credit: number;
}

/** For each section and each page: the best match of each concept, by the concept's position. */
function gatherEvidence(concepts: readonly Concept[], index: PassageIndex) {
  const sections = new Map<number, Map<number, Match>>();
  const pages = new Map<string, Map<number, Match>>();
  for (const [position, concept] of concepts.entries()) {
    for (const [stem, weight] of concept.stems) {
      for (const [id, score] of index.scores(stem)) {
        const match = { stem, score: score * weight, credit: Math.sqrt(weight) };
        keepBest(sections, id, position, match);
        keepBest(pages, index.sections[id]?.path ?? '', position, match);
      }
    }
  }
  return { sections, pages };
}

function keepBest<Key>(into: Map<Key, Map<number, Match>>, key: Key, position: number, match: Match): void {
  const matches = into.get(key) ?? new Map<number, Match>();
  into.set(key, matches);
  if ((matches.get(position)?.score ?? 0) < match.score) matches.set(position, match);
}

function importanceOf(concept: Concept, index: PassageIndex): number {
  if (concept.kind === 'plain') return PLAIN_IMPORTANCE * (concept.stems.size > 0 ? 1 : 0);
  if (concept.stems.size === 0) return UNKNOWN_IMPORTANCE * concept.emphasis;
  return Math.min(...[...concept.stems.keys()].map((stem) => index.rarity(stem))) * concept.emphasis;
}

function pickBest(passages: readonly Passage[], passagesMax: number): Passage[] {
  const perPage = new Map<string, number>();
  return passages
    .filter(({ section: { path } }) => {
      const count = (perPage.get(path) ?? 0) + 1;
      perPage.set(path, count);
      return count <= PER_PAGE_MAX;
    })
    .slice(0, passagesMax);
}
