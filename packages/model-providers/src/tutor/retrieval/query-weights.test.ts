import { describe, expect, it } from 'vitest';
import type { Concept } from './parse-query.ts';
import type { PassageIndex } from './passage-index.ts';
import { weighQuery } from './query-weights.ts';

const RARITY: Record<string, number> = { cach: 0.5, rare: 0.9 };
const index = { rarity: (stem: string) => RARITY[stem] ?? 1 } as PassageIndex;
const concept = (stems: string[], fields: Partial<Concept> = {}): Concept => ({
  word: 'word',
  stems: new Map(stems.map((stem) => [stem, 1])),
  kind: 'field',
  technical: false,
  emphasis: 1,
  weight: 1,
  ...fields,
});
const technical = concept(['cach'], { technical: true });

describe('the importance of a word', () => {
  it('is the rarity of its most frequent form, times its emphasis', () => {
    const { importance, total } = weighQuery([concept(['rare', 'cach']), concept(['rare'], { emphasis: 0.5 })], index);
    expect(importance).toEqual([0.5, 0.45]);
    expect(total).toBeCloseTo(0.95);
  });

  it('is small for a common word, and 0 when no page contains it', () => {
    const common = [concept(['rare'], { kind: 'common' }), concept([], { kind: 'common' })];
    expect(weighQuery(common, index).importance).toEqual([0.15, 0]);
  });

  it('is large for an unknown word, and less in a query that is certainly about computing', () => {
    expect(weighQuery([concept([])], index).importance).toEqual([1]);
    expect(weighQuery([concept([], { emphasis: 0.5 }), technical], index).importance).toEqual([0.25, 0.5]);
  });

  it('is largest for a term of computing that the pages lack', () => {
    const missing = concept([], { technical: true });
    expect(weighQuery([missing, concept(['cach'])], index).importance).toEqual([1, 0.5]);
  });
});

describe('the coverage that a section needs', () => {
  const requiredBy = (concepts: Concept[]) => [0.49, 0.5, 1, 2, 3, 5].map(weighQuery(concepts, index).requiredCoverage);

  it('decreases with each term of the field that it contains, down to 30 %', () => {
    const [none, half, one, two, three, five] = requiredBy([concept([])]);
    expect(none).toBe(Number.POSITIVE_INFINITY);
    expect([half, one, two, three, five].map((value) => Number(value?.toFixed(4)))).toEqual([0.645, 0.6, 0.51, 0.42, 0.3]);
  });

  it.each([
    ['the pages contain every word', [concept(['cach'])]],
    ['only common words are unknown', [concept([], { kind: 'common' })]],
    ['the query is certainly about computing', [concept([]), technical]],
  ])('is 10 %% less when %s', (_case, concepts) => {
    expect(weighQuery(concepts, index).requiredCoverage(1)).toBeCloseTo(0.54);
  });

  it('is half of the query, however many terms match, when the pages lack a term of computing', () => {
    const { requiredCoverage } = weighQuery([concept([], { technical: true }), technical], index);
    expect([0.4, 1, 5].map(requiredCoverage)).toEqual([Number.POSITIVE_INFINITY, 0.5, 0.5]);
  });
});
