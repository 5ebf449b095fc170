import { createHash } from 'node:crypto';
import { setImmediate } from 'node:timers/promises';
import { type MarkdownSection, markdownSections } from '@prodigon/content';
import type { ContentEntry } from '@prodigon/contracts';
import type { ContentStore } from '@prodigon/ports';
import { buildPassageIndex, type PassageIndex, type YieldToEventLoop } from './passage-index.ts';

export interface IndexedContent {
  /** The pages that are searched. */
  readonly pages: readonly ContentEntry[];
  readonly index: PassageIndex;
}

export interface ContentIndexOptions {
  readonly content: ContentStore;
  /** Milliseconds on a clock that never goes back. */
  readonly now: () => number;
  /** The age at which the pages are checked for changes, in milliseconds. */
  readonly recheckAfterMs?: number;
  readonly yieldToEventLoop?: YieldToEventLoop;
}

/** Larger pages are listed but not searched, because splitting one would block the event loop. */
const PAGE_CHARACTERS_MAX = 120_000;

/** Pages for contributors and examples answer no question about the subjects or the use of the platform. */
const NOT_SEARCHED = /(?:^|\/)(?:contributing|examples)(?:\/|\.md$)/i;

interface KnownPage {
  readonly fingerprint: string;
  readonly sections: readonly MarkdownSection[];
}

/**
 * Returns a function that returns the index of a store's pages. The first call builds it. Later calls check for changed
 * pages at most every `recheckAfterMs` and split only those again. Concurrent calls share the work. A page that cannot be
 * read is omitted.
 */
export function createContentIndex(options: ContentIndexOptions): () => Promise<IndexedContent> {
  const { content, now, recheckAfterMs = 3_000, yieldToEventLoop = () => setImmediate() } = options;
  let knownPages = new Map<string, KnownPage>();
  let current: IndexedContent | null = null;
  let checkedAt = Number.NEGATIVE_INFINITY;
  let checking: Promise<IndexedContent> | null = null;

  async function check(): Promise<IndexedContent> {
    const startedAt = now();
    const pages = (await content.list()).filter(({ path }) => !NOT_SEARCHED.test(path));
    const fresh = new Map<string, KnownPage>();
    for (const page of pages) {
      const markdown = await content.read(page.path).catch(() => null);
      if (markdown === null || markdown.length > PAGE_CHARACTERS_MAX) continue;
      const fingerprint = createHash('sha256').update(page.title).update('\0').update(markdown).digest('base64');
      const before = knownPages.get(page.path);
      if (before?.fingerprint === fingerprint) fresh.set(page.path, before);
      else {
        fresh.set(page.path, { fingerprint, sections: markdownSections({ ...page, markdown }) });
        await yieldToEventLoop();
      }
    }
    if (!current || !hasSamePages(knownPages, fresh)) {
      const index = await buildPassageIndex(
        [...fresh.values()].map(({ sections }) => sections),
        yieldToEventLoop,
      );
      current = { pages, index };
    }
    knownPages = fresh;
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

function hasSamePages(before: ReadonlyMap<string, KnownPage>, after: ReadonlyMap<string, KnownPage>): boolean {
  const order = [...before.keys()];
  return (
    before.size === after.size &&
    [...after].every(([path, page], position) => order[position] === path && before.get(path) === page)
  );
}
