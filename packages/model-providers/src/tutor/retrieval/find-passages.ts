import type { MarkdownSection } from '@prodigon/content';
import { gatherEvidence } from './match-sections.ts';
import type { Concept } from './parse-query.ts';
import type { PassageIndex } from './passage-index.ts';
import { weighQuestion } from './query-weights.ts';
import { scoreSection } from './score-section.ts';

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
/** The second passage of a page has to come this close to its first; else another page is worth more. */
const SECOND_OF_PAGE = 0.8;
const SEEN_FACTOR = 0.4;
/** The sections that decide whether anything was found: further down something fits by chance. */
const DECIDING_SECTIONS = 3;

/** The sections that fit a question best, or none when too little of it is found anywhere. */
export function findPassages(concepts: readonly Concept[], index: PassageIndex, options: FindOptions = {}): Retrieval {
  const { passagesMax = 3, seen = new Set<string>() } = options;
  const evidence = gatherEvidence(concepts, index);
  const weights = weighQuestion(concepts, index);

  const candidates: { terms: number; passage: Passage }[] = [];
  for (const [id, matches] of evidence.sections) {
    const section = index.sections[id];
    const page = section && evidence.pages.get(section.path);
    if (!section || !page) continue;
    const heading = index.headings[id] ?? new Set();
    const { score, coverage, terms } = scoreSection(concepts, weights, { section: matches, page, heading });
    const seenFactor = seen.has(`${section.path}#${section.anchor}`) ? SEEN_FACTOR : 1;
    const matched = concepts.filter((_, position) => matches.has(position)).map(({ word }) => word);
    const stems = [...matches.values()].map(({ stem }) => stem);
    // A list of links says where something is told, and does not tell it.
    const passage = { section, score: score * seenFactor * (1 - section.linkShare), coverage, matched, stems };
    candidates.push({ terms, passage });
  }
  candidates.sort((left, right) => right.passage.score - left.passage.score);

  const deciding = candidates.slice(0, DECIDING_SECTIONS);
  const coverage = Math.max(0, ...deciding.map(({ passage }) => passage.coverage));
  const isEnough = deciding.some(({ terms, passage }) => passage.coverage >= weights.coverageNeeded(terms));
  const ranked = candidates.map(({ passage }) => passage);
  return { passages: isEnough ? spreadOverPages(ranked).slice(0, passagesMax) : [], coverage };
}

function spreadOverPages(passages: readonly Passage[]): Passage[] {
  const perPage = new Map<string, { count: number; best: number }>();
  return passages.filter(({ section: { path }, score }) => {
    const page = perPage.get(path);
    if (!page) {
      perPage.set(path, { count: 1, best: score });
      return true;
    }
    page.count += 1;
    return page.count <= PER_PAGE_MAX && score >= page.best * SECOND_OF_PAGE;
  });
}
