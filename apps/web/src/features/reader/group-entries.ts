import type { ContentEntry } from '@prodigon/contracts';

export interface EntryGroup {
  /** `docs/guide`; empty for the repository's root. */
  folder: string;
  entries: readonly ContentEntry[];
}

/** The documents by folder, both in the order in which they are to be read. */
export function groupEntries(entries: readonly ContentEntry[]): EntryGroup[] {
  const groups = Map.groupBy(entries, ({ path }) => path.split('/').slice(0, -1).join('/'));
  return [...groups].map(([folder, members]) => ({ folder, entries: members }));
}
