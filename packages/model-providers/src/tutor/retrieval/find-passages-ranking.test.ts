import type { MarkdownSection } from '@prodigon/content';
import { describe, expect, it } from 'vitest';
import { findPassages, NOTHING_FOUND } from './find-passages.ts';
import type { Concept } from './parse-query.ts';
import type { PassageIndex } from './passage-index.ts';

const CACHE: Concept = { word: 'cache', stems: new Map([['cach', 1]]), kind: 'field', technical: false, emphasis: 1, weight: 1 };

/** An index of sections with given scores for the stem `cach`, by `path#anchor`. Only the ratio of the scores matters. */
function indexWith(scores: Record<string, number>, fields: Record<string, Partial<MarkdownSection>> = {}): PassageIndex {
  const names = Object.keys(scores);
  const sections = names.map((name) => {
    const [path = '', anchor = ''] = name.split('#');
    return {
      path,
      anchor,
      heading: '',
      pageTitle: '',
      level: 2,
      text: 'x',
      terms: '',
      markdown: 'x',
      linkShare: 0,
      ...fields[name],
    };
  });
  const found = new Map(names.map((name, id) => [id, scores[name] ?? 0]));
  const scoresOf = (stem: string) => (stem === 'cach' ? found : new Map<number, number>());
  return {
    sections,
    headings: sections.map(() => new Set<string>()),
    vocabulary: new Set(),
    rarity: () => 1,
    has: (stem) => stem === 'cach',
    subjects: sections.map(() => new Set(['cach'])),
    hasSequence: () => false,
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

  it('reduces the score of each further section of a page by 30 %', () => {
    // A section also gets 30 % of the best score of its page.
    expect(namesOf(indexWith({ 'a#1': 10, 'a#2': 10, 'b#1': 7.1 }))).toEqual(['a#1', 'b#1', 'a#2']);
    expect(namesOf(indexWith({ 'a#1': 10, 'a#2': 10, 'b#1': 6.9 }))).toEqual(['a#1', 'a#2', 'b#1']);
    expect(namesOf(indexWith({ 'a#1': 10, 'a#2': 10, 'a#3': 10, 'b#1': 5 }))).toEqual(['a#1', 'a#2', 'b#1']);
  });

  it('prefers the guide, and other pages to decision records', () => {
    const names = ['docs/decisions/1.md#x', 'docs/other.md#x', 'docs/guide/1.md#x'];
    expect(namesOf(indexWith(Object.fromEntries(names.map((name) => [name, 10]))))).toEqual(names.toReversed());
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
    const other: Concept = { ...CACHE, word: 'other', stems: new Map(), emphasis: 0.5 };
    const { passages, coverage } = findPassages([CACHE, other], indexWith({ 'a#1': 1 }));
    expect(passages[0]).toMatchObject({ matched: ['cache'], stems: ['cach'] });
    expect(coverage).toBeCloseTo(1 / 1.5);
  });

  it('returns nothing when no section covers enough of the query, but its coverage', () => {
    const unknown = ['x', 'y'].map((word): Concept => ({ ...CACHE, word, stems: new Map() }));
    const { passages, coverage } = findPassages([CACHE, ...unknown], indexWith({ 'a#1': 1 }));
    expect(passages).toEqual([]);
    expect(coverage).toBeCloseTo(1 / 3);
    expect(findPassages([], indexWith({ 'a#1': 1 }))).toEqual(NOTHING_FOUND);
  });

  it('does not return a section that only mentions a subject, unless the query is a keyword', () => {
    const index = { ...indexWith({ 'a#1': 1 }), subjects: [new Set<string>()], rarity: () => 0.5 };
    expect(namesOf(index)).toEqual([]);
    expect(namesOf(index, { isKeyword: true })).toEqual(['a#1']);
    expect(namesOf({ ...index, subjects: [new Set(['cach'])] })).toEqual(['a#1']);
    expect(namesOf({ ...index, rarity: () => 0.6 })).toEqual(['a#1']);
  });

  it('names the pages with the nearest sections, each once', () => {
    const unknown = ['x', 'y'].map((word): Concept => ({ ...CACHE, word, stems: new Map() }));
    const { nearestPages } = findPassages([CACHE, ...unknown], indexWith({ 'a#1': 1, 'a#2': 3, 'b#1': 5 }));
    expect(nearestPages).toEqual(['b', 'a']);
  });
});
