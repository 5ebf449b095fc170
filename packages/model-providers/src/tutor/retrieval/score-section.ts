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
  const bonus = 1 + HEADING_BONUS * headingShare(concepts, found.heading) ** 2;
  return { score: score * bonus * (0.3 + 0.7 * coverage), coverage, terms };
}

/** Returns the share of the heading's words that occur in the query or have a synonym there, from 0 to 1. */
function headingShare(concepts: readonly Concept[], heading: ReadonlySet<string>): number {
  if (heading.size === 0) return 0;
  let matched = 0;
  for (const stem of heading) {
    matched += Math.max(0, ...concepts.map(({ stems, emphasis }) => (stems.get(stem) ?? 0) * emphasis));
  }
  return matched / heading.size;
}
