import type { Concept } from './parse-query.ts';
import type { PassageIndex } from './passage-index.ts';

/** A word that no page has, as a share of the rarest one that a page has. */
const UNKNOWN_IMPORTANCE = 0.8;
/** The same in a question that is surely about computing. */
const UNKNOWN_TECHNICAL = 0.2;
const PLAIN_IMPORTANCE = 0.15;

const TERMS_MIN = 0.5;
const COVERAGE_NEEDED = 0.5;
const COVERAGE_PER_TERM = 0.09;
const COVERAGE_MIN = 0.25;
/** Less is enough when the pages know every word of the question: then its words are only scattered. */
const NOTHING_STRANGE = 0.6;

export interface QuestionWeights {
  /** How much each concept counts when coverage is computed; their sum is `total`. */
  readonly importance: readonly number[];
  readonly total: number;
  /**
   * The coverage that a section must reach, given how many terms of the field it has. The more terms agree,
   * the less it matters that other words are missing.
   */
  coverageNeeded(terms: number): number;
}

/** Rare words are important, ordinary ones hardly; a word that no page has speaks against them all. */
export function weighQuestion(concepts: readonly Concept[], index: PassageIndex): QuestionWeights {
  const technical = concepts.some((concept) => concept.technical);
  const hasStrangeWord = !technical && concepts.some(({ kind, stems }) => kind !== 'plain' && stems.size === 0);
  const importance = concepts.map((concept) => {
    const { kind, stems, emphasis } = concept;
    if (kind === 'plain') return stems.size > 0 ? PLAIN_IMPORTANCE : 0;
    if (stems.size === 0) return (technical ? UNKNOWN_TECHNICAL : UNKNOWN_IMPORTANCE) * emphasis;
    return Math.min(...[...stems.keys()].map((stem) => index.rarity(stem))) * emphasis;
  });

  return {
    importance,
    total: importance.reduce((sum, value) => sum + value, 0),
    coverageNeeded(terms) {
      if (terms < TERMS_MIN) return Number.POSITIVE_INFINITY;
      const needed = Math.max(COVERAGE_MIN, COVERAGE_NEEDED - COVERAGE_PER_TERM * (terms - 1));
      return hasStrangeWord ? needed : needed * NOTHING_STRANGE;
    },
  };
}
