import type { Matches } from './match-sections.ts';
import type { Concept } from './parse-query.ts';
import type { QuestionWeights } from './query-weights.ts';

/** How much the rest of its page adds to a section: a question's words are often spread over a page. */
const PAGE_SHARE = 0.3;
/** What a word on the same page, but in another section, counts for coverage. */
const PAGE_CREDIT = 0.4;
/** What finding a word counts that is no term of the field: "flat" or "child" occur by the way. */
const OTHER_CREDIT = 0.7;
const TERM_COUNT = { field: 1, other: 0.5, plain: 0 };
/** What a heading adds whose every word the question has. */
const HEADING_BONUS = 0.5;

export interface SectionScore {
  readonly score: number;
  /** Which share of the question the section speaks of, by importance: 0 to 1. */
  readonly coverage: number;
  /** How many terms of the field it has; less for other words and for what stands elsewhere on its page. */
  readonly terms: number;
}

/** How well a section fits, from its own matches, its page's, and its heading's stems. */
export function scoreSection(
  concepts: readonly Concept[],
  { importance, total }: QuestionWeights,
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

/** Which share of the heading's words the question has, itself or by a synonym: 0 to 1. */
function headingShare(concepts: readonly Concept[], heading: ReadonlySet<string>): number {
  if (heading.size === 0) return 0;
  let asked = 0;
  for (const stem of heading) {
    asked += Math.max(0, ...concepts.map(({ stems, emphasis }) => (stems.get(stem) ?? 0) * emphasis));
  }
  return asked / heading.size;
}
