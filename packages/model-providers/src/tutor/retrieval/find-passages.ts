import type { MarkdownSection } from '@prodigon/content';
import { type Matches, matchSections } from './match-sections.ts';
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
  /** The paths of the pages with the best sections, even when their coverage was insufficient. */
  readonly nearestPages: readonly string[];
}

export const NOTHING_FOUND: Retrieval = { passages: [], coverage: 0, nearestPages: [] };

export interface FindOptions {
  readonly passagesMax?: number;
  /** The sections that the conversation has already quoted, as `path#anchor`. Other sections are preferred. */
  readonly seen?: ReadonlySet<string>;
  /** Whether the query is a keyword, which a section answers that only mentions it. */
  readonly isKeyword?: boolean;
}

/** The factor for each further section of a page, because another page is more useful. */
const SAME_PAGE_FACTOR = 0.7;
const SEEN_FACTOR = 0.4;
/** The number of subjects that a section must contain when its headings name none. */
const OWN_WORDS_MIN = 2;
/** The rarity of a subject that hardly any other section contains. */
const RARE_WORD_MIN = 0.6;
/** The guide explains a subject. A decision record only gives the reasons for a choice. */
const FOLDER_WEIGHTS: readonly (readonly [folder: string, weight: number])[] = [
  ['docs/guide/', 1.25],
  ['docs/decisions/', 0.75],
];
/** The number of best sections that decide whether anything was found. Lower ones match by chance. */
const DECIDING_SECTIONS = 3;

/** Returns the sections that best match a query, or none when no section covers enough of it. */
export function findPassages(concepts: readonly Concept[], index: PassageIndex, options: FindOptions = {}): Retrieval {
  const { passagesMax = 3, seen = new Set<string>(), isKeyword = false } = options;
  const found = matchSections(concepts, index);
  const weights = weighQuery(concepts, index);

  const candidates: { terms: number; isAbout: boolean; passage: Passage }[] = [];
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
    const passage = {
      section,
      score: score * seenFactor * folderWeight(section.path) * (1 - section.linkShare),
      coverage,
      matched,
      stems,
    };
    const isAbout = isKeyword || isAboutQuery(concepts, matches, index, id);
    candidates.push({ terms, isAbout, passage });
  }
  candidates.sort((left, right) => right.passage.score - left.passage.score);

  const deciding = candidates.slice(0, DECIDING_SECTIONS);
  const coverage = Math.max(0, ...deciding.map(({ passage }) => passage.coverage));
  const isEnough = deciding.some(({ terms, isAbout, passage }) => isAbout && passage.coverage >= weights.requiredCoverage(terms));
  const ranked = candidates.map(({ passage }) => passage);
  const nearestPages = [...new Set(candidates.filter(({ terms }) => terms > 0).map(({ passage }) => passage.section.path))];
  return { passages: isEnough ? spreadOverPages(ranked).slice(0, passagesMax) : [], coverage, nearestPages };
}

/**
 * Returns whether a section is about the query: its title, heading or bold terms name one of the subjects, or it contains
 * two of them, or a term of the field that is nowhere else. A section that only mentions a subject in passing is not.
 */
function isAboutQuery(concepts: readonly Concept[], matches: Matches, index: PassageIndex, id: number): boolean {
  const subjects = index.subjects[id] ?? new Set<string>();
  let ownWords = 0;
  for (const [position, { stem, credit }] of matches) {
    const { kind, stems } = concepts[position] ?? { kind: 'common', stems: new Map<string, number>() };
    if (kind === 'common') continue;
    if ([...stems.keys()].some((one) => subjects.has(one))) return true;
    if (credit < 1) continue;
    ownWords += 1;
    if (kind === 'field' && index.rarity(stem) >= RARE_WORD_MIN) return true;
  }
  return ownWords >= OWN_WORDS_MIN;
}

function folderWeight(path: string): number {
  return FOLDER_WEIGHTS.find(([folder]) => path.startsWith(folder))?.[1] ?? 1;
}

/** Lowers the score of each further section of a page, and sorts again. */
function spreadOverPages(passages: readonly Passage[]): Passage[] {
  const perPage = new Map<string, number>();
  return passages
    .map((passage) => {
      const { path } = passage.section;
      const before = perPage.get(path) ?? 0;
      perPage.set(path, before + 1);
      return { ...passage, score: passage.score * SAME_PAGE_FACTOR ** before };
    })
    .sort((left, right) => right.score - left.score);
}
