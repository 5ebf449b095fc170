import { elementScroll, type Range, useVirtualizer } from '@tanstack/react-virtual';
import { type RefObject, useEffect, useRef, useState } from 'react';
import { flushSync } from 'react-dom';
import { isWholePage, observeVisibleOffset, observeVisibleRect } from './visible-area.ts';

/** Messages that are in the document above and below the visible area. */
const MARGIN_MESSAGES = 3;
/** Messages that one task adds to the document for the browser's search. */
const ADDED_MESSAGES = 10;

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
  /** True while all messages are in the document, or are being added to it. */
  isComplete: boolean;
}

/** Selects the messages near the visible area, and corrects the scroll position when their real height becomes known. */
export function useMessageWindow({ scroller, count, keyAt, estimateAt, onScrolled }: MessageWindowOptions): MessageWindow {
  const completeFrom = useCompleteFrom(count);
  const pinned = usePinnedIndexes(scroller, count);
  const virtualizer = useVirtualizer({
    count,
    getScrollElement: () => scroller.current,
    getItemKey: keyAt,
    estimateSize: estimateAt,
    overscan: MARGIN_MESSAGES,
    rangeExtractor: (range) => indexesOf(range, { completeFrom, pinned }),
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
    isComplete: completeFrom < count,
  };
}

/** The first render shows the last messages. Their real position follows when they have been measured. */
function initialOffset(count: number, estimateAt: (index: number) => number): number {
  let total = 0;
  for (let index = 0; index < count; index += 1) total += estimateAt(index);
  return Math.max(0, total - innerHeight);
}

interface Extension {
  /** All messages from this index on are rendered. */
  completeFrom: number;
  /** First and last message of the selection or with the focus. */
  pinned: readonly [number, number] | null;
}

/** The indexes of the messages in the document, in ascending order. */
export function indexesOf({ startIndex, endIndex, overscan, count }: Range, { completeFrom, pinned }: Extension): number[] {
  const indexes = new Set<number>();
  const add = (first: number, last: number) => {
    for (let index = Math.max(0, first); index <= Math.min(last, count - 1); index += 1) indexes.add(index);
  };
  add(startIndex - overscan, endIndex + overscan);
  if (pinned) add(pinned[0], pinned[1]);
  add(completeFrom, count - 1);
  return [...indexes].sort((one, other) => one - other);
}

/** Returns the index from which on all messages are rendered: none usually, all for printing and for the browser's search. */
function useCompleteFrom(count: number): number {
  const [missing, setMissing] = useState<number | null>(null);
  useEffect(() => {
    const onBeforePrint = () => flushSync(() => setMissing(0));
    const onAfterPrint = () => setMissing(null);
    const onKeyDown = ({ key, ctrlKey, metaKey, altKey }: KeyboardEvent) => {
      const isSearch = (ctrlKey || metaKey) && !altKey && ['f', 'g', 'a'].includes(key.toLowerCase());
      if (isSearch || key === 'F3') setMissing((now) => now ?? count);
    };
    addEventListener('beforeprint', onBeforePrint);
    addEventListener('afterprint', onAfterPrint);
    addEventListener('keydown', onKeyDown);
    return () => {
      removeEventListener('beforeprint', onBeforePrint);
      removeEventListener('afterprint', onAfterPrint);
      removeEventListener('keydown', onKeyDown);
    };
  }, [count]);
  useEffect(() => {
    if (missing === null || missing === 0) return;
    const timer = setTimeout(() => setMissing(Math.max(0, missing - ADDED_MESSAGES)), 0);
    return () => clearTimeout(timer);
  }, [missing]);
  return missing ?? Number.POSITIVE_INFINITY;
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
