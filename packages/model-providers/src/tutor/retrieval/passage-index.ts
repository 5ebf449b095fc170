import type { MarkdownSection } from '@prodigon/content';
import MiniSearch from 'minisearch';
import { STOP_WORDS } from '../language/stop-words.ts';
import { isSearchable, splitWords, stemOf, stemSequence } from '../language/tokenizer.ts';

/** An immutable full-text index of sections. A section's id is its position in `sections`. */
export interface PassageIndex {
  readonly sections: readonly MarkdownSection[];
  /** The stems of each section's heading. */
  readonly headings: readonly ReadonlySet<string>[];
  /** The stems of each section's title, heading and bold terms, which name what it is about. */
  readonly subjects: readonly ReadonlySet<string>[];
  /** Returns near 0 for a stem of most sections, and 1 for a stem of none. */
  rarity(stem: string): number;
  /** Returns the BM25 score of every section that contains the stem. Headings and titles weigh more. */
  scores(stem: string): ReadonlyMap<number, number>;
  /** Returns whether any section contains the stem. */
  has(stem: string): boolean;
  /** Returns whether the heading or text of any section contains these stems next to each other. */
  hasSequence(stems: string): boolean;
  /** Returns whether a title or a heading contains the stem. */
  isInHeading(stem: string): boolean;
  /** The words of the pages before stemming, for spelling correction. */
  readonly vocabulary: ReadonlySet<string>;
}

/** A heading names the topic of its section, a title the topic of the whole page. */
const FIELD_BOOST = { title: 1.2, heading: 1.5, terms: 1.2, text: 1 };
/** Sections that consist mostly of links, such as lists of sources, are not indexed. */
const LINK_SHARE_MAX = 0.5;
const SECTIONS_MAX = 20_000;
/** The characters of text that are indexed in one turn of the event loop, about a millisecond of work. */
const SLICE_CHARACTERS = 2_000;

/** Yields to other work on the event loop. */
export type YieldToEventLoop = () => Promise<void>;

/** Builds the index and yields after a slice of the text, so that a large page or repository does not block the event loop. */
export async function buildPassageIndex(
  pages: Iterable<readonly MarkdownSection[]>,
  yieldToEventLoop: YieldToEventLoop,
): Promise<PassageIndex> {
  const sections: MarkdownSection[] = [];
  const vocabulary = new Set<string>();
  const sectionsWith = new Map<string, number>();
  const headings: ReadonlySet<string>[] = [];
  const subjects: ReadonlySet<string>[] = [];
  const headingStems = new Set<string>();
  const search = new MiniSearch<{ id: number; title: string; heading: string; terms: string; text: string }>({
    fields: ['title', 'heading', 'terms', 'text'],
    tokenize: (stems) => stems.split(' '),
    processTerm: (stem) => stem || null,
    searchOptions: { boost: FIELD_BOOST, tokenize: (stem) => [stem], processTerm: (stem) => stem },
  });

  /** Returns the stems of a text, and adds its words to the vocabulary. */
  function readStems(text: string): string[] {
    const words = splitWords(text).flatMap(({ word, parts }) => [word, ...parts]);
    for (const word of words) vocabulary.add(word);
    return words.filter(isSearchable).map(stemOf);
  }

  let charactersInSlice = 0;
  for (const section of [...pages].flat()) {
    if (section.markdown === '' || section.linkShare > LINK_SHARE_MAX || sections.length >= SECTIONS_MAX) continue;
    const title = readStems(section.pageTitle);
    const heading = readStems(section.heading);
    const terms = readStems(section.terms);
    const text = readStems(section.text);
    search.add({
      id: sections.length,
      title: title.join(' '),
      heading: heading.join(' '),
      terms: terms.join(' '),
      text: text.join(' '),
    });
    sections.push(section);
    headings.push(new Set(heading));
    subjects.push(new Set([...title, ...heading, ...terms]));
    for (const stem of [...title, ...heading]) headingStems.add(stem);
    for (const stem of new Set([...title, ...heading, ...text])) sectionsWith.set(stem, (sectionsWith.get(stem) ?? 0) + 1);
    charactersInSlice += section.text.length;
    if (charactersInSlice < SLICE_CHARACTERS) continue;
    charactersInSlice = 0;
    await yieldToEventLoop();
  }

  const inverseFrequency = (count: number) => Math.log(1 + (sections.length - count + 0.5) / (count + 0.5));
  const cachedScores = new Map<string, ReadonlyMap<number, number>>();

  function scores(stem: string): ReadonlyMap<number, number> {
    const cached = cachedScores.get(stem);
    if (cached) return cached;
    const found = new Map(search.search(stem).map((result) => [result.id as number, result.score]));
    // Only stems of the pages are cached, which bounds the cache.
    if (found.size > 0) cachedScores.set(stem, found);
    return found;
  }

  return {
    sections,
    headings,
    subjects,
    vocabulary,
    has: (stem) => sectionsWith.has(stem),
    hasSequence(stems) {
      const [first = '', ...others] = stems.trim().split(' ');
      return [...scores(first).keys()].some((id) => {
        if (!others.every((stem) => STOP_WORDS.has(stem) || scores(stem).has(id))) return false;
        const section = sections[id];
        return section !== undefined && stemSequence(`${section.heading}\n${section.text}`).includes(stems);
      });
    },
    isInHeading: (stem) => headingStems.has(stem),
    rarity: (stem) => inverseFrequency(sectionsWith.get(stem) ?? 0) / inverseFrequency(0),
    scores,
  };
}
