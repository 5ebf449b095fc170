import { describe, expect, it } from 'vitest';
import type { Match } from './match-sections.ts';
import type { Concept } from './parse-query.ts';
import { scoreSection } from './score-section.ts';

const concept = (fields: Partial<Concept> = {}): Concept => ({
  word: 'cache',
  stems: new Map([['cach', 1]]),
  kind: 'field',
  technical: false,
  emphasis: 1,
  weight: 1,
  ...fields,
});
const match = (score: number, credit = 1): Match => ({ stem: 'cach', score, credit });

/** Scores a section by the matches of its concepts, by position: here, and elsewhere on its page. */
function score(concepts: Concept[], section: [number, Match][], page: [number, Match][] = [], heading: string[] = []) {
  const importance = concepts.map(() => 1);
  const requiredCoverage = () => 0;
  const found = { section: new Map(section), page: new Map(page), heading: new Set(heading) };
  return scoreSection(concepts, { importance, total: concepts.length, requiredCoverage }, found);
}

describe('the score of a section', () => {
  it('adds 30 % of the score of its page', () => {
    expect(score([concept()], [[0, match(10)]], [[0, match(20)]])).toEqual({ score: 16, coverage: 1, terms: 1 });
  });

  it('is weighted by the concepts and reduced by what it does not cover', () => {
    const concepts = [concept({ weight: 0.5 }), concept()];
    expect(score(concepts, [[0, match(10)]])).toEqual({ score: 5 * 0.5 ** 1.5, coverage: 0.5, terms: 1 });
  });

  it('is 0 without a match', () => {
    expect(score([concept()], [])).toEqual({ score: 0, coverage: 0, terms: 0 });
    expect(score([], [])).toEqual({ score: 0, coverage: 0, terms: 0 });
  });

  it('grows by half when the query and the heading have the same words, and less for each word of only one', () => {
    const scoreWith = (heading: string[], ...fields: Partial<Concept>[]) =>
      score(
        fields.map(concept),
        [
          [0, match(10)],
          [1, match(0)],
        ],
        [],
        heading,
      ).score;
    expect(scoreWith(['cach'], {})).toBe(15);
    expect(scoreWith(['cach', 'other'], {})).toBeCloseTo(10 * (1 + 0.5 * Math.SQRT1_2));
    expect(scoreWith(['cach'], {}, { stems: new Map([['key', 1]]) })).toBeCloseTo(10 * (1 + 0.5 * Math.SQRT1_2));
    expect(scoreWith(['other'], {})).toBe(10);
    expect(scoreWith([], {})).toBe(10);
    expect(scoreWith(['cach'], { emphasis: 0.5 })).toBeCloseTo(10 * (1 + 0.5 * Math.SQRT1_2));
  });
});

describe('the coverage of a section', () => {
  it('counts a synonym by its credit, and the rest of the page by 40 %', () => {
    expect(score([concept()], [[0, match(1, 0.6)]]).coverage).toBe(0.6);
    expect(score([concept()], [], [[0, match(1)]]).coverage).toBe(0.4);
    expect(score([concept()], [[0, match(1, 0.3)]], [[0, match(1)]]).coverage).toBe(0.4);
  });

  it('counts a word that is not a term of the field by 70 %', () => {
    expect(score([concept({ kind: 'other' })], [[0, match(1)]]).coverage).toBe(0.7);
    expect(score([concept({ kind: 'common' })], [[0, match(1)]]).coverage).toBe(1);
  });
});

it('counts terms of the field fully, other words by half, common words not at all, and those elsewhere on the page by 40 %', () => {
  const concepts = [concept(), concept({ kind: 'other' }), concept({ kind: 'common' }), concept()];
  const here: [number, Match][] = [0, 1, 2].map((position) => [position, match(1)]);
  expect(score(concepts, here, [[3, match(1)]]).terms).toBe(1.9);
});
