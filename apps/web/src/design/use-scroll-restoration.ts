import { type RefObject, useLayoutEffect, useRef } from 'react';
import { createScrollPositions } from './scroll-positions.ts';

const KEY = 'scrollKey';
/** Delay after a scroll event. Measuring each one would slow down scrolling. */
const MEASURE_DELAY_MS = 120;

const positions = createScrollPositions(
  {
    key: () => history.state?.[KEY],
    // The router replaces the methods of `history`, and would navigate again.
    assignKey: (key) => History.prototype.replaceState.call(history, { ...history.state, [KEY]: key }, ''),
  },
  sessionStorage,
);
addEventListener('popstate', () => positions.onNavigation());
addEventListener('pushState', () => positions.onNavigation());
addEventListener('replaceState', () => positions.onNavigation(true));
addEventListener('pagehide', positions.save);

/** Whether the current history entry has a scroll position to return to. */
export function hasScrollPosition(): boolean {
  return positions.current() !== undefined;
}

/**
 * Returns to the scroll position of the history entry after Back, Forward and a reload.
 *
 * @param reveal adds the element with this id to a document that omits elements out of view
 */
export function useScrollRestoration(scroller: RefObject<HTMLElement | null>, reveal?: (id: string) => void): void {
  const latestReveal = useRef(reveal);
  latestReveal.current = reveal;
  useLayoutEffect(() => {
    const element = scroller.current;
    if (!element) return;
    const page = location.pathname;
    let frame = 0;
    let pending: { key: string; timer: ReturnType<typeof setTimeout> } | undefined;
    const record = () => {
      if (!pending) return;
      clearTimeout(pending.timer);
      positions.record(pending.key, measure(element));
      pending = undefined;
    };
    const restore = (corrections: number) => {
      if (location.pathname !== page || !hasScrollPosition()) return;
      scrollTo(element, latestReveal.current);
      // Elements that come into view get their real height only then.
      if (corrections > 0) frame = requestAnimationFrame(() => restore(corrections - 1));
    };
    const onPop = () => {
      record();
      restore(2);
    };
    const onScroll = () => {
      if (location.pathname !== page) return;
      pending ??= { key: positions.currentKey(), timer: setTimeout(record, MEASURE_DELAY_MS) };
    };
    restore(2);
    element.addEventListener('scroll', onScroll, { passive: true });
    addEventListener('popstate', onPop);
    // The next page may change the width of this one before it is removed.
    addEventListener('pushState', record);
    addEventListener('pagehide', record, { capture: true });
    return () => {
      record();
      cancelAnimationFrame(frame);
      element.removeEventListener('scroll', onScroll);
      removeEventListener('popstate', onPop);
      removeEventListener('pushState', record);
      removeEventListener('pagehide', record, { capture: true });
    };
  }, [scroller]);
}

function measure(scroller: HTMLElement) {
  const { top } = scroller.getBoundingClientRect();
  const anchor = [...scroller.querySelectorAll('[id]')].find((element) => element.getBoundingClientRect().bottom > top);
  const offset = anchor ? anchor.getBoundingClientRect().top - top : 0;
  return { anchorId: anchor?.id ?? null, offset, top: scroller.scrollTop };
}

function scrollTo(scroller: HTMLElement, reveal: ((id: string) => void) | undefined): void {
  const position = positions.current();
  if (!position) return;
  const anchor = position.anchorId === null ? null : scroller.querySelector(`#${CSS.escape(position.anchorId)}`);
  if (!anchor) {
    if (position.anchorId !== null && reveal) reveal(position.anchorId);
    else scroller.scrollTop = position.top;
    return;
  }
  scroller.scrollTop += anchor.getBoundingClientRect().top - scroller.getBoundingClientRect().top - position.offset;
}
