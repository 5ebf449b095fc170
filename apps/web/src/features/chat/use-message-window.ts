import { elementScroll, type Range, useVirtualizer } from '@tanstack/react-virtual';
import { type RefObject, useEffect, useRef, useState } from 'react';
import { isWholePage, observeVisibleOffset, observeVisibleRect } from './visible-area.ts';

/** Messages that are in the document above and below the visible area. */
const MARGIN_MESSAGES = 3;

interface MessageWindowOptions {
  scroller: RefObject<HTMLElement | null>;
  count: number;
  keyAt: (index: number) => string;
  estimateAt: (index: number) => number;
  /** Called after the window has changed the scroll position. */
  onScrolled: () => void;
}

interface MessageWindow {
  /** The messages to render, in ascending order. */
  indexes: readonly number[];
  startOf: (index: number) => number;
  totalPx: number;
  /** The ref of each rendered message. */
  measure: (element: HTMLElement | null) => void;
  scrollToIndex: (index: number) => void;
}

/** Selects the messages near the visible area, and corrects the scroll position when their real height becomes known. */
export function useMessageWindow({ scroller, count, keyAt, estimateAt, onScrolled }: MessageWindowOptions): MessageWindow {
  const pinned = usePinnedIndexes(scroller, count);
  const virtualizer = useVirtualizer({
    count,
    getScrollElement: () => scroller.current,
    getItemKey: keyAt,
    estimateSize: estimateAt,
    overscan: MARGIN_MESSAGES,
    rangeExtractor: (range) => indexesOf(range, pinned),
    initialOffset: () => initialOffset(count, estimateAt),
    initialRect: { width: 0, height: innerHeight },
    observeElementRect: observeVisibleRect,
    observeElementOffset: observeVisibleOffset,
    scrollToFn: (...parameters) => {
      elementScroll(...parameters);
      onScrolled();
    },
    // Keeps the messages in view where they are when earlier ones are added, but never jumps to the end.
    anchorTo: 'end',
    scrollEndThreshold: -1,
  });
  const items = virtualizer.getVirtualItems();
  const starts = new Map(items.map(({ index, start }) => [index, start]));
  return {
    indexes: items.map(({ index }) => index),
    startOf: (index) => starts.get(index) ?? 0,
    totalPx: virtualizer.getTotalSize(),
    measure: virtualizer.measureElement,
    scrollToIndex(index) {
      const element = scroller.current;
      if (element && isWholePage(element)) {
        scrollBy(0, element.getBoundingClientRect().top + (virtualizer.measurementsCache[index]?.start ?? 0));
      } else {
        virtualizer.scrollToIndex(index, { align: 'start' });
      }
    },
  };
}

/** The first render shows the last messages. Their real position follows when they have been measured. */
function initialOffset(count: number, estimateAt: (index: number) => number): number {
  let total = 0;
  for (let index = 0; index < count; index += 1) total += estimateAt(index);
  return Math.max(0, total - innerHeight);
}

/** The indexes of the messages in the document, in ascending order: those near the visible area, and from one pinned to another. */
export function indexesOf({ startIndex, endIndex, overscan, count }: Range, pinned: readonly [number, number] | null): number[] {
  const indexes = new Set<number>();
  const add = (first: number, last: number) => {
    for (let index = Math.max(0, first); index <= Math.min(last, count - 1); index += 1) indexes.add(index);
  };
  add(startIndex - overscan, endIndex + overscan);
  if (pinned) add(pinned[0], pinned[1]);
  return [...indexes].sort((one, other) => one - other);
}

/** Messages that contain the focus or the selection stay in the document. */
function usePinnedIndexes(scroller: RefObject<HTMLElement | null>, count: number): readonly [number, number] | null {
  const [pinned, setPinned] = useState<readonly [number, number] | null>(null);
  const latest = useRef(pinned);
  // biome-ignore lint/correctness/useExhaustiveDependencies: another count may change the index of each message.
  useEffect(() => {
    const update = () => {
      const selection = getSelection();
      const ends = selection?.isCollapsed === false ? [selection.anchorNode, selection.focusNode] : [];
      const found = [...ends, document.activeElement].flatMap((node) => indexOf(node, scroller.current) ?? []);
      const next = found.length === 0 ? null : ([Math.min(...found), Math.max(...found)] as const);
      if (next?.[0] === latest.current?.[0] && next?.[1] === latest.current?.[1]) return;
      latest.current = next;
      setPinned(next);
    };
    update();
    document.addEventListener('selectionchange', update);
    document.addEventListener('focusin', update);
    document.addEventListener('focusout', update);
    return () => {
      document.removeEventListener('selectionchange', update);
      document.removeEventListener('focusin', update);
      document.removeEventListener('focusout', update);
    };
  }, [scroller, count]);
  return pinned;
}

function indexOf(node: Node | null, scroller: HTMLElement | null): number | undefined {
  const element = node instanceof Element ? node : node?.parentElement;
  const message = scroller?.contains(node) ? element?.closest<HTMLElement>('[data-index]') : null;
  return message ? Number(message.dataset.index) : undefined;
}
