import type { Concept } from './parse-query.ts';
import type { PassageIndex } from './passage-index.ts';

/** Where a concept was found. */
export interface Match {
  readonly stem: string;
  /** BM25, less for a synonym. */
  readonly score: number;
  /** How surely the concept is meant: 1 for its own word. */
  readonly credit: number;
}

/** Matches by the position of their concept in the question. */
export type Matches = ReadonlyMap<number, Match>;

export interface Evidence {
  /** By the section's position in the index. */
  readonly sections: ReadonlyMap<number, Matches>;
  /** By path: the best of all sections of the page. */
  readonly pages: ReadonlyMap<string, Matches>;
}

/** For each section and each page that has any concept: the best match of each. */
export function gatherEvidence(concepts: readonly Concept[], index: PassageIndex): Evidence {
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
