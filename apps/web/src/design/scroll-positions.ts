/** A scroll position, relative to an element because content above it may have another height after a while. */
export interface ScrollPosition {
  /** The id of the first visible element that has one. */
  anchorId: string | null;
  /** The distance of the anchor from the top of the scroller, in pixels. */
  offset: number;
  top: number;
}

interface HistoryEntries {
  /** Identifies the current history entry. */
  key: () => string | undefined;
  /** Identifies a new history entry. Keys survive a reload. */
  assignKey: (key: string) => void;
}

const STORAGE_KEY = 'prodigon.scroll-positions';
const POSITIONS_MAX = 100;

/** Remembers a scroll position for each entry of the browser's history, so that Back returns to it. */
export function createScrollPositions(entries: HistoryEntries, storage: Pick<Storage, 'getItem' | 'setItem'>) {
  const positions = new Map<string, ScrollPosition>(restore(storage));
  let currentKey = '';
  /** Call after every navigation. A navigation that replaces the entry keeps its position. */
  const onNavigation = (isReplacement = false) => {
    const key = entries.key() ?? (isReplacement ? currentKey : `${Date.now()}-${Math.random()}`);
    if (entries.key() !== key) entries.assignKey(key);
    currentKey = key;
  };
  onNavigation();
  return {
    onNavigation,
    /** The position of the current entry; undefined before it has been scrolled. */
    current: () => positions.get(currentKey),
    currentKey: () => currentKey,
    record(key: string, position: ScrollPosition) {
      positions.delete(key);
      positions.set(key, position);
    },
    save() {
      try {
        storage.setItem(STORAGE_KEY, JSON.stringify([...positions].slice(-POSITIONS_MAX)));
      } catch {
        // Without storage, positions last until the next reload.
      }
    },
  };
}

function restore(storage: Pick<Storage, 'getItem'>): [string, ScrollPosition][] {
  try {
    return JSON.parse(storage.getItem(STORAGE_KEY) ?? '[]') as [string, ScrollPosition][];
  } catch {
    return [];
  }
}
