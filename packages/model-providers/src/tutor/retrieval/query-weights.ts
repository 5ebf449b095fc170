import type { Concept } from './parse-query.ts';
import type { PassageIndex } from './passage-index.ts';

/** The importance of a word that no page contains, relative to the rarest word of the pages. */
const UNKNOWN_IMPORTANCE = 1;
/** The same for an ordinary word in a query that is certainly about computing. */
const UNKNOWN_TECHNICAL = 0.5;
/** The same for a term of computing: the query is about a subject that the pages do not cover. */
const UNKNOWN_TERM = 1;
const COMMON_IMPORTANCE = 0.15;

const TERMS_MIN = 0.5;
/** The coverage that a query needs when the pages lack one of its terms of computing. */
const COVERAGE_BESIDE_MISSING_TERM = 0.5;
const COVERAGE_NEEDED = 0.6;
const COVERAGE_PER_TERM = 0.09;
const COVERAGE_MIN = 0.3;
/** Less coverage suffices when the pages contain every word of the query, because its words are only scattered. */
const ALL_KNOWN_FACTOR = 0.9;

export interface QueryWeights {
  /** The weight of each concept in the coverage. Their sum is `total`. */
  readonly importance: readonly number[];
  readonly total: number;
  /**
   * Returns the coverage that a section needs, given how many terms of the field it contains. The more terms match, the
   * less the missing words matter.
   */
  requiredCoverage(terms: number): number;
}

/** Rare words are important and common ones hardly. A word that no page contains reduces the coverage of all sections. */
export function weighQuery(concepts: readonly Concept[], index: PassageIndex): QueryWeights {
  const technical = concepts.some((concept) => concept.technical && concept.stems.size > 0);
  const hasMissingTerm = concepts.some((concept) => concept.technical && concept.stems.size === 0);
  const hasUnknownWord = !technical && concepts.some(({ kind, stems }) => kind !== 'common' && stems.size === 0);
  const importance = concepts.map((concept) => {
    const { kind, stems, emphasis } = concept;
    if (kind === 'common') return stems.size > 0 ? COMMON_IMPORTANCE : 0;
    if (stems.size === 0 && concept.technical) return UNKNOWN_TERM * emphasis;
    if (stems.size === 0) return (technical ? UNKNOWN_TECHNICAL : UNKNOWN_IMPORTANCE) * emphasis;
    return Math.min(...[...stems.keys()].map((stem) => index.rarity(stem))) * emphasis;
  });

  return {
    importance,
    total: importance.reduce((sum, value) => sum + value, 0),
    requiredCoverage(terms) {
      if (terms < TERMS_MIN) return Number.POSITIVE_INFINITY;
      if (hasMissingTerm) return COVERAGE_BESIDE_MISSING_TERM;
      const required = Math.max(COVERAGE_MIN, COVERAGE_NEEDED - COVERAGE_PER_TERM * (terms - 1));
      return hasUnknownWord ? required : required * ALL_KNOWN_FACTOR;
    },
  };
}
