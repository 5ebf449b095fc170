import type { MarkdownSection } from '@prodigon/content';
import { describe, expect, it } from 'vitest';
import { findPassages } from './find-passages.ts';
import type { Concept } from './parse-query.ts';
import type { PassageIndex } from './passage-index.ts';

const CACHE: Concept = { word: 'cache', stems: new Map([['cach', 1]]), kind: 'field', technical: false, emphasis: 1, weight: 1 };

/** An index of sections with given scores for the stem `cach`, by `path#anchor`. Only the ratio of the scores matters. */
function indexWith(scores: Record<string, number>, fields: Record<string, Partial<MarkdownSection>> = {}): PassageIndex {
  const names = Object.keys(scores);
  const sections = names.map((name) => {
    const [path = '', anchor = ''] = name.split('#');
    return { path, anchor, heading: '', pageTitle: '', level: 2, text: 'x', markdown: 'x', linkShare: 0, ...fields[name] };
  });
  const found = new Map(names.map((name, id) => [id, scores[name] ?? 0]));
  const scoresOf = (stem: string) => (stem === 'cach' ? found : new Map<number, number>());
  return {
    sections,
    headings: sections.map(() => new Set<string>()),
    vocabulary: new Set(),
    rarity: () => 1,
    has: (stem) => stem === 'cach',
    isInHeading: () => false,
    scores: scoresOf,
  };
}

const namesOf = (index: PassageIndex, options = {}) =>
  findPassages([CACHE], index, options).passages.map(({ section: { path, anchor } }) => `${path}#${anchor}`);

describe('findPassages', () => {
  it('returns the three best sections of different pages by default', () => {
    const index = indexWith({ 'a#1': 1, 'b#1': 4, 'c#1': 3, 'd#1': 2 });
    expect(namesOf(index)).toEqual(['b#1', 'c#1', 'd#1']);
    expect(namesOf(index, { passagesMax: 1 })).toEqual(['b#1']);
  });

  it('returns at most two sections of a page', () => {
    expect(namesOf(indexWith({ 'a#1': 10, 'a#2': 9.9, 'a#3': 9.8, 'b#1': 1 }))).toEqual(['a#1', 'a#2', 'b#1']);
  });

  it('returns a second section of a page only with at least 80 % of the score of the first', () => {
    // A section also gets 30 % of the score of its page, here 3 of 10.
    expect(namesOf(indexWith({ 'a#1': 10, 'a#2': 7.41 }))).toEqual(['a#1', 'a#2']);
    expect(namesOf(indexWith({ 'a#1': 10, 'a#2': 7.39 }))).toEqual(['a#1']);
  });

  it('reduces the score of a section that was quoted before to 40 %', () => {
    const seen = new Set(['a#1']);
    expect(namesOf(indexWith({ 'a#1': 10, 'b#1': 4.1 }), { seen })).toEqual(['b#1', 'a#1']);
    expect(namesOf(indexWith({ 'a#1': 10, 'b#1': 3.9 }), { seen })).toEqual(['a#1', 'b#1']);
  });

  it('reduces the score of a section by its share of links', () => {
    const index = indexWith({ 'a#1': 10, 'b#1': 7 }, { 'a#1': { linkShare: 0.4 } });
    expect(namesOf(index)).toEqual(['b#1', 'a#1']);
  });

  it('returns the words and stems that matched, and the coverage', () => {
    const other: Concept = { ...CACHE, word: 'other', stems: new Map() };
    const { passages, coverage } = findPassages([CACHE, other], indexWith({ 'a#1': 1 }));
    expect(passages[0]).toMatchObject({ matched: ['cache'], stems: ['cach'] });
    expect(coverage).toBeCloseTo(1 / 1.8);
  });

  it('returns nothing when no section covers enough of the query, but its coverage', () => {
    const unknown = ['x', 'y'].map((word): Concept => ({ ...CACHE, word, stems: new Map() }));
    const { passages, coverage } = findPassages([CACHE, ...unknown], indexWith({ 'a#1': 1 }));
    expect(passages).toEqual([]);
    expect(coverage).toBeCloseTo(1 / 2.6);
    expect(findPassages([], indexWith({ 'a#1': 1 }))).toEqual({ passages: [], coverage: 0 });
  });
});
