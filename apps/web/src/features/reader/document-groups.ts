import type { ContentEntry } from '@prodigon/contracts';

export interface DocumentGroup {
  title: string;
  entries: readonly ContentEntry[];
  /** Reference material, which is closed until it is needed. */
  isCollapsed: boolean;
}

/** The first documents of a new reader. */
const START = ['README.md', 'docs/architecture/getting-started.md', 'docs/architecture/system-overview.md'];

const FOLDERS: Record<string, { title: string; isCollapsed?: boolean }> = {
  'docs/guide': { title: 'Guide' },
  'docs/architecture': { title: 'Architecture' },
  'docs/operations': { title: 'Operations' },
  'docs/decisions': { title: 'Decisions', isCollapsed: true },
  'docs/contributing': { title: 'Contributing', isCollapsed: true },
};
const ORDER = Object.keys(FOLDERS);

/** Groups the documents in reading order: start, guide, architecture, operations, then reference material and other folders. */
export function groupDocuments(entries: readonly ContentEntry[]): DocumentGroup[] {
  const start = START.flatMap((path) => entries.filter((entry) => entry.path === path));
  const others = Map.groupBy(
    entries.filter((entry) => !start.includes(entry)),
    ({ path }) => path.split('/').slice(0, -1).join('/'),
  );
  const folders = [...others.keys()].sort((a, b) => rank(a) - rank(b));
  const groups = folders.map((folder) => ({
    title: FOLDERS[folder]?.title ?? (folder || 'Other'),
    entries: introductionFirst(others.get(folder) ?? []),
    isCollapsed: FOLDERS[folder]?.isCollapsed ?? !ORDER.includes(folder),
  }));
  return start.length === 0 ? groups : [{ title: 'Start', entries: start, isCollapsed: false }, ...groups];
}

function rank(folder: string): number {
  const index = ORDER.indexOf(folder);
  return index === -1 ? ORDER.length : index;
}

/** A README introduces the other documents of its folder. */
function introductionFirst(entries: readonly ContentEntry[]): ContentEntry[] {
  const isReadme = ({ path }: ContentEntry) => path.endsWith('/README.md');
  return [...entries.filter(isReadme), ...entries.filter((entry) => !isReadme(entry))];
}

/** The groups with the documents whose title or path contains every word of a filter. */
export function filterGroups(groups: readonly DocumentGroup[], filter: string): DocumentGroup[] {
  const words = filter.toLowerCase().split(/\s+/).filter(Boolean);
  if (words.length === 0) return [...groups];
  return groups.flatMap((group) => {
    const entries = group.entries.filter(({ path, title }) =>
      words.every((word) => `${title} ${path}`.toLowerCase().includes(word)),
    );
    return entries.length === 0 ? [] : [{ ...group, entries, isCollapsed: false }];
  });
}

export interface DocumentPlace {
  group: DocumentGroup;
  entry: ContentEntry;
  previous: ContentEntry | undefined;
  next: ContentEntry | undefined;
}

/** Where a document is in the reading order; undefined for a document that is not listed. */
export function placeOf(path: string, groups: readonly DocumentGroup[]): DocumentPlace | undefined {
  const all = groups.flatMap((group) => group.entries.map((entry) => ({ group, entry })));
  const index = all.findIndex(({ entry }) => entry.path === path);
  const found = all[index];
  return found && { ...found, previous: all[index - 1]?.entry, next: all[index + 1]?.entry };
}
