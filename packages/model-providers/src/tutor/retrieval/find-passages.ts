import type { MarkdownSection } from '@prodigon/content';
import { matchSections } from './match-sections.ts';
import type { Concept } from './parse-query.ts';
import type { PassageIndex } from './passage-index.ts';
import { weighQuery } from './query-weights.ts';
import { scoreSection } from './score-section.ts';

export interface Passage {
  readonly section: MarkdownSection;
  /** Comparable only within one retrieval. */
  readonly score: number;
  /** The share of the query that the section covers, weighted by rarity, from 0 to 1. */
  readonly coverage: number;
  /** The words of the query that the section contains or has a synonym of. */
  readonly matched: readonly string[];
  /** The stems that matched. */
  readonly stems: readonly string[];
}

export interface Retrieval {
  /** Sorted by score, best first. Empty when nothing was found. */
  readonly passages: readonly Passage[];
  /** The best coverage among the best sections, even when it was insufficient. */
  readonly coverage: number;
}

export interface FindOptions {
  readonly passagesMax?: number;
  /** The sections that the conversation has already quoted, as `path#anchor`. Other sections are preferred. */
  readonly seen?: ReadonlySet<string>;
}

const PER_PAGE_MAX = 2;
/** The share of a page's best score that its second passage needs. Otherwise another page is more useful. */
const SECOND_PASSAGE_MIN = 0.8;
const SEEN_FACTOR = 0.4;
/** The number of best sections that decide whether anything was found. Lower ones match by chance. */
const DECIDING_SECTIONS = 3;

/** Returns the sections that best match a query, or none when no section covers enough of it. */
export function findPassages(concepts: readonly Concept[], index: PassageIndex, options: FindOptions = {}): Retrieval {
  const { passagesMax = 3, seen = new Set<string>() } = options;
  const found = matchSections(concepts, index);
  const weights = weighQuery(concepts, index);

  const candidates: { terms: number; passage: Passage }[] = [];
  for (const [id, matches] of found.sections) {
    const section = index.sections[id];
    const page = section && found.pages.get(section.path);
    if (!section || !page) continue;
    const heading = index.headings[id] ?? new Set();
    const { score, coverage, terms } = scoreSection(concepts, weights, { section: matches, page, heading });
    const seenFactor = seen.has(`${section.path}#${section.anchor}`) ? SEEN_FACTOR : 1;
    const matched = concepts.filter((_, position) => matches.has(position)).map(({ word }) => word);
    const stems = [...matches.values()].map(({ stem }) => stem);
    // A list of links is less useful than the pages that it links to.
    const passage = { section, score: score * seenFactor * (1 - section.linkShare), coverage, matched, stems };
    candidates.push({ terms, passage });
  }
  candidates.sort((left, right) => right.passage.score - left.passage.score);

  const deciding = candidates.slice(0, DECIDING_SECTIONS);
  const coverage = Math.max(0, ...deciding.map(({ passage }) => passage.coverage));
  const isEnough = deciding.some(({ terms, passage }) => passage.coverage >= weights.requiredCoverage(terms));
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
    return page.count <= PER_PAGE_MAX && score >= page.best * SECOND_PASSAGE_MIN;
  });
}
