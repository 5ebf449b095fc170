import type { Concept } from './parse-query.ts';
import type { PassageIndex } from './passage-index.ts';

/** The best match of a concept in a section or on a page. */
export interface Match {
  readonly stem: string;
  /** The BM25 score, lower for a synonym. */
  readonly score: number;
  /** The confidence that the concept is meant: 1 for its own word. */
  readonly credit: number;
}

/** Matches by the position of their concept in the query. */
export type Matches = ReadonlyMap<number, Match>;

export interface SectionMatches {
  /** By the section's position in the index. */
  readonly sections: ReadonlyMap<number, Matches>;
  /** By path, with the best match of all sections of the page. */
  readonly pages: ReadonlyMap<string, Matches>;
}

/** Returns the best match of each concept, for every section and page that contains any. */
export function matchSections(concepts: readonly Concept[], index: PassageIndex): SectionMatches {
  const sections = new Map<number, Map<number, Match>>();
  const pages = new Map<string, Map<number, Match>>();
  for (const [position, concept] of concepts.entries()) {
    for (const [stem, weight] of concept.stems) {
      for (const [id, score] of index.scores(stem)) {
        const match = { stem, score: score * weight, credit: Math.sqrt(weight) };
        keepBest(sections, id, position, match);
        keepBest(pages, index.sections[id]?.path ?? '', position, match);
      }
    }
  }
  return { sections, pages };
}

function keepBest<Key>(into: Map<Key, Map<number, Match>>, key: Key, position: number, match: Match): void {
  const matches = into.get(key) ?? new Map<number, Match>();
  into.set(key, matches);
  if ((matches.get(position)?.score ?? 0) < match.score) matches.set(position, match);
}
