import { observeElementOffset, observeElementRect, type Rect, type Virtualizer } from '@tanstack/react-virtual';

type ElementVirtualizer = Virtualizer<HTMLElement, HTMLElement>;

/** Whether the page scrolls as a whole instead of this element, as it does on low screens. */
export function isWholePage({ scrollHeight, clientHeight }: Element): boolean {
  return scrollHeight <= clientHeight && clientHeight > innerHeight;
}

/** Observes the size of the visible part of the scroller. */
export function observeVisibleRect(virtualizer: ElementVirtualizer, onChange: (rect: Rect) => void) {
  return observeElementRect(virtualizer, ({ width, height }) => onChange({ width, height: Math.min(height, innerHeight) }));
}

/** Observes how much of the content is above the visible area, whether the scroller scrolls or the page. */
export function observeVisibleOffset(
  virtualizer: ElementVirtualizer,
  onChange: (offset: number, isScrolling: boolean) => void,
): (() => void) | undefined {
  const { scrollElement } = virtualizer;
  if (!scrollElement) return undefined;
  const onPageScroll = () => {
    if (isWholePage(scrollElement)) onChange(Math.max(0, -scrollElement.getBoundingClientRect().top), true);
  };
  const stopObserving = observeElementOffset(virtualizer, (offset, isScrolling) => {
    if (!isWholePage(scrollElement)) onChange(offset, isScrolling);
  });
  addEventListener('scroll', onPageScroll, { passive: true });
  return () => {
    stopObserving?.();
    removeEventListener('scroll', onPageScroll);
  };
}
