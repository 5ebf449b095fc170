import type { Matches } from './match-sections.ts';
import type { Concept } from './parse-query.ts';
import type { QueryWeights } from './query-weights.ts';

/** The share of its page's score that a section receives: the words of a query are often spread over a page. */
const PAGE_SHARE = 0.3;
/** The coverage of a word in another section of the same page. */
const PAGE_CREDIT = 0.4;
/** The coverage of a word that is not a term of the field: words such as "flat" or "child" occur incidentally. */
const OTHER_CREDIT = 0.7;
const TERM_COUNT = { field: 1, other: 0.5, common: 0 };
/** The bonus for a heading whose words all occur in the query. */
const HEADING_BONUS = 0.5;

export interface SectionScore {
  readonly score: number;
  /** The share of the query that the section covers, by importance, from 0 to 1. */
  readonly coverage: number;
  /** The number of terms of the field in the section. Other words, and words elsewhere on the page, count less. */
  readonly terms: number;
}

/** Scores a section by its own matches, those of its page, and the stems of its heading. */
export function scoreSection(
  concepts: readonly Concept[],
  { importance, total }: QueryWeights,
  found: { section: Matches; page: Matches; heading: ReadonlySet<string> },
): SectionScore {
  let score = 0;
  let covered = 0;
  let terms = 0;
  for (const [position, concept] of concepts.entries()) {
    const here = found.section.get(position);
    const nearby = found.page.get(position);
    score += concept.weight * ((here?.score ?? 0) + PAGE_SHARE * (nearby?.score ?? 0));
    const credit = Math.max(here?.credit ?? 0, PAGE_CREDIT * (nearby?.credit ?? 0));
    covered += (importance[position] ?? 0) * credit * (concept.kind === 'other' ? OTHER_CREDIT : 1);
    terms += TERM_COUNT[concept.kind] * (here ? 1 : nearby ? PAGE_CREDIT : 0);
  }
  const coverage = total === 0 ? 0 : covered / total;
  const bonus = 1 + HEADING_BONUS * headingMatch(concepts, importance, found.heading);
  return { score: score * bonus * coverage ** 1.5, coverage, terms };
}

/**
 * Returns 1 when the heading and the query consist of the same words or their synonyms, less for each word that only one
 * of them has, and 0 when they share none.
 */
function headingMatch(concepts: readonly Concept[], importance: readonly number[], heading: ReadonlySet<string>): number {
  let inQuery = 0;
  for (const stem of heading) {
    inQuery += Math.max(0, ...concepts.map(({ stems, emphasis }) => (stems.get(stem) ?? 0) * emphasis));
  }
  let inHeading = 0;
  let total = 0;
  for (const [position, { stems }] of concepts.entries()) {
    const weight = importance[position] ?? 0;
    inHeading += weight * Math.max(0, ...[...stems].map(([stem, value]) => (heading.has(stem) ? value : 0)));
    total += weight;
  }
  return heading.size === 0 || total === 0 ? 0 : Math.sqrt((inQuery / heading.size) * (inHeading / total));
}
