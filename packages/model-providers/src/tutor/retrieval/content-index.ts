import { createHash } from 'node:crypto';
import { setImmediate } from 'node:timers/promises';
import { type MarkdownSection, markdownSections } from '@prodigon/content';
import type { ContentEntry } from '@prodigon/contracts';
import type { ContentStore } from '@prodigon/ports';
import { buildPassageIndex, type PassageIndex, type Pause } from './passage-index.ts';

export interface IndexedContent {
  readonly pages: readonly ContentEntry[];
  readonly index: PassageIndex;
}

export interface ContentIndexOptions {
  readonly content: ContentStore;
  /** Milliseconds on any clock that does not go back. */
  readonly now: () => number;
  /** How old an answer may be before the pages are looked at again, in ms. */
  readonly recheckAfterMs?: number;
  readonly pause?: Pause;
}

/** Larger pages are listed but not searched: splitting one would hold up the event loop. */
const PAGE_CHARACTERS_MAX = 120_000;

interface KnownPage {
  readonly fingerprint: string;
  readonly sections: readonly MarkdownSection[];
}

/**
 * The index of a store's pages, built when first asked for. Later calls get the same one until a page has
 * changed, which is checked at most every `recheckAfterMs`; then only changed pages are split again.
 * Calls at the same time share the work. A page that cannot be read is left out.
 */
export function createContentIndex(options: ContentIndexOptions): () => Promise<IndexedContent> {
  const { content, now, recheckAfterMs = 3_000, pause = () => setImmediate() } = options;
  let known = new Map<string, KnownPage>();
  let current: IndexedContent | null = null;
  let checkedAt = Number.NEGATIVE_INFINITY;
  let checking: Promise<IndexedContent> | null = null;

  async function check(): Promise<IndexedContent> {
    const startedAt = now();
    const pages = await content.list();
    const fresh = new Map<string, KnownPage>();
    for (const page of pages) {
      const markdown = await content.read(page.path).catch(() => null);
      if (markdown === null || markdown.length > PAGE_CHARACTERS_MAX) continue;
      const fingerprint = createHash('sha256').update(page.title).update('\0').update(markdown).digest('base64');
      const before = known.get(page.path);
      if (before?.fingerprint === fingerprint) fresh.set(page.path, before);
      else {
        fresh.set(page.path, { fingerprint, sections: markdownSections({ ...page, markdown }) });
        await pause();
      }
    }
    if (!current || !samePages(known, fresh)) {
      const index = await buildPassageIndex(
        [...fresh.values()].map(({ sections }) => sections),
        pause,
      );
      current = { pages, index };
    }
    known = fresh;
    checkedAt = startedAt;
    return current;
  }

  return async () => {
    if (current && now() - checkedAt < recheckAfterMs) return current;
    checking ??= check().finally(() => {
      checking = null;
    });
    return checking;
  };
}

function samePages(before: ReadonlyMap<string, KnownPage>, after: ReadonlyMap<string, KnownPage>): boolean {
  const order = [...before.keys()];
  return (
    before.size === after.size &&
    [...after].every(([path, page], position) => order[position] === path && before.get(path) === page)
  );
}
