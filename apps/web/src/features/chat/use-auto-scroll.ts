import { type RefObject, useCallback, useEffect, useRef, useState } from 'react';
import { hasScrollPosition, useScrollRestoration } from '../../design/use-scroll-restoration.ts';

/** Distance to the end within which scrolling follows new content. */
const END_DISTANCE_PX = 40;

interface AutoScroll {
  scroller: RefObject<HTMLDivElement | null>;
  content: RefObject<HTMLDivElement | null>;
  /** Whether it opened at the position that the user left. */
  isRestored: boolean;
  /** False while the user has scrolled up. */
  isAtEnd: boolean;
  scrollToEnd: () => void;
}

/**
 * Keeps the end of growing content in view. Scrolling up, touch, keys and text selection stop
 * following immediately; scrolling back to the end resumes it. After Back, it returns to the previous position.
 */
export function useAutoScroll(): AutoScroll {
  const scroller = useRef<HTMLDivElement>(null);
  const content = useRef<HTMLDivElement>(null);
  const [isRestored] = useState(hasScrollPosition);
  const isFollowing = useRef(!isRestored);
  const [isAtEnd, setAtEnd] = useState(true);

  useScrollRestoration(scroller);

  const scrollToEnd = useCallback(() => {
    isFollowing.current = true;
    const element = scroller.current;
    if (element) element.scrollTop = element.scrollHeight;
    setAtEnd(true);
  }, []);

  useEffect(() => {
    const element = scroller.current;
    const inner = content.current;
    if (!element || !inner) return;
    let lastTop = element.scrollTop;
    const distanceToEnd = () => element.scrollHeight - element.clientHeight - element.scrollTop;

    const onGrowth = () => {
      if (isFollowing.current) element.scrollTop = element.scrollHeight;
      setAtEnd(isFollowing.current || distanceToEnd() <= END_DISTANCE_PX);
    };
    const onScroll = () => {
      const isNearEnd = distanceToEnd() <= END_DISTANCE_PX;
      if (isNearEnd && element.scrollTop > lastTop) isFollowing.current = true;
      else if (element.scrollTop < lastTop && !isNearEnd) isFollowing.current = false;
      lastTop = element.scrollTop;
      setAtEnd(isNearEnd);
    };
    const stopFollowing = () => {
      isFollowing.current = false;
    };
    const onWheel = ({ deltaY }: WheelEvent) => {
      if (deltaY < 0) stopFollowing();
    };
    const onSelection = () => {
      const selection = getSelection();
      if (selection && !selection.isCollapsed && inner.contains(selection.anchorNode)) stopFollowing();
    };

    const observer = new ResizeObserver(onGrowth);
    observer.observe(inner);
    observer.observe(element);
    element.addEventListener('scroll', onScroll, { passive: true });
    element.addEventListener('wheel', onWheel, { passive: true });
    element.addEventListener('touchmove', stopFollowing, { passive: true });
    element.addEventListener('keydown', stopFollowing);
    document.addEventListener('selectionchange', onSelection);
    return () => {
      observer.disconnect();
      element.removeEventListener('scroll', onScroll);
      element.removeEventListener('wheel', onWheel);
      element.removeEventListener('touchmove', stopFollowing);
      element.removeEventListener('keydown', stopFollowing);
      document.removeEventListener('selectionchange', onSelection);
    };
  }, []);

  return { scroller, content, isRestored, isAtEnd, scrollToEnd };
}
