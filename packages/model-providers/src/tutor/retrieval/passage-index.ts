import type { MarkdownSection } from '@prodigon/content';
import MiniSearch from 'minisearch';
import { splitWords, stemsOf } from '../language/tokenizer.ts';

/** Full-text index of sections. Immutable once built; sections are known by their position in `sections`. */
export interface PassageIndex {
  readonly sections: readonly MarkdownSection[];
  /** The stems of each section's heading. */
  readonly headings: readonly ReadonlySet<string>[];
  /** How telling a stem is: near 0 when most sections have it, 1 when none has. */
  rarity(stem: string): number;
  /** BM25 of every section that has the stem, headings and titles weighted. */
  scores(stem: string): ReadonlyMap<number, number>;
  /** Does any section have the stem? */
  has(stem: string): boolean;
  /** Is the stem in a title or a heading, so that a section is about it? */
  headlines(stem: string): boolean;
  /** The words of the pages as they are written, for correcting typing errors. */
  readonly vocabulary: ReadonlySet<string>;
}

/** A heading says what its section is about, a title what every section of the page is about. */
const FIELD_BOOST = { title: 1.2, heading: 1.5, text: 1 };
/** Sections that consist of links, such as lists of sources, answer nothing. */
const LINK_SHARE_MAX = 0.5;
const SECTIONS_MAX = 20_000;

/** Lets other work on the event loop go first. */
export type Pause = () => Promise<void>;

/** Builds the index page by page and pauses after each, so that a large repository does not block the loop. */
export async function buildPassageIndex(pages: Iterable<readonly MarkdownSection[]>, pause: Pause): Promise<PassageIndex> {
  const sections: MarkdownSection[] = [];
  const vocabulary = new Set<string>();
  const sectionsWith = new Map<string, number>();
  const headings: ReadonlySet<string>[] = [];
  const headlines = new Set<string>();
  const search = new MiniSearch<{ id: number; title: string; heading: string; text: string }>({
    fields: ['title', 'heading', 'text'],
    tokenize: stemsOf,
    processTerm: (stem) => stem,
    searchOptions: { boost: FIELD_BOOST, tokenize: (stem) => [stem] },
  });

  for (const page of pages) {
    for (const section of page) {
      if (section.text === '' || section.linkShare > LINK_SHARE_MAX || sections.length >= SECTIONS_MAX) continue;
      const document = { id: sections.length, title: section.pageTitle, heading: section.heading, text: section.text };
      sections.push(section);
      headings.push(new Set(stemsOf(section.heading)));
      search.add(document);
      for (const stem of stemsOf(`${section.pageTitle}\n${section.heading}`)) headlines.add(stem);
      const whole = `${section.pageTitle}\n${section.heading}\n${section.text}`;
      for (const stem of new Set(stemsOf(whole))) sectionsWith.set(stem, (sectionsWith.get(stem) ?? 0) + 1);
      for (const { word, parts } of splitWords(whole)) for (const spelled of [word, ...parts]) vocabulary.add(spelled);
    }
    await pause();
  }

  const inverseFrequency = (count: number) => Math.log(1 + (sections.length - count + 0.5) / (count + 0.5));
  const remembered = new Map<string, ReadonlyMap<number, number>>();

  return {
    sections,
    headings,
    vocabulary,
    has: (stem) => sectionsWith.has(stem),
    headlines: (stem) => headlines.has(stem),
    rarity: (stem) => inverseFrequency(sectionsWith.get(stem) ?? 0) / inverseFrequency(0),
    scores(stem) {
      const before = remembered.get(stem);
      if (before) return before;
      const found = new Map(search.search(stem).map((result) => [result.id as number, result.score]));
      // Only stems of the pages are kept, so the memory is bounded by theirs.
      if (found.size > 0) remembered.set(stem, found);
      return found;
    },
  };
}
