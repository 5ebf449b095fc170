import { type RefObject, useCallback, useEffect, useRef, useState } from 'react';

/** How near its end the page must be to follow what arrives. */
const NEAR_PX = 40;

interface Follow {
  scroller: RefObject<HTMLDivElement | null>;
  content: RefObject<HTMLDivElement | null>;
  /** False while the reader looks at something further up. */
  isAtEnd: boolean;
  toEnd: () => void;
}

/**
 * Keeps the end of a growing page in view, as long as the reader is there. Wheel, touch, keys and
 * selecting let go at once; coming back to the end takes hold again.
 */
export function useFollow(): Follow {
  const scroller = useRef<HTMLDivElement>(null);
  const content = useRef<HTMLDivElement>(null);
  const isFollowing = useRef(true);
  const [isAtEnd, setAtEnd] = useState(true);

  const toEnd = useCallback(() => {
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
    const distance = () => element.scrollHeight - element.clientHeight - element.scrollTop;

    const onGrowth = () => {
      if (isFollowing.current) element.scrollTop = element.scrollHeight;
      setAtEnd(isFollowing.current || distance() <= NEAR_PX);
    };
    const onScroll = () => {
      const isNear = distance() <= NEAR_PX;
      if (isNear && element.scrollTop > lastTop) isFollowing.current = true;
      else if (element.scrollTop < lastTop && !isNear) isFollowing.current = false;
      lastTop = element.scrollTop;
      setAtEnd(isNear);
    };
    const release = () => {
      isFollowing.current = false;
    };
    const onWheel = ({ deltaY }: WheelEvent) => {
      if (deltaY < 0) release();
    };
    const onSelection = () => {
      const selection = getSelection();
      if (selection && !selection.isCollapsed && inner.contains(selection.anchorNode)) release();
    };

    const observer = new ResizeObserver(onGrowth);
    observer.observe(inner);
    observer.observe(element);
    element.addEventListener('scroll', onScroll, { passive: true });
    element.addEventListener('wheel', onWheel, { passive: true });
    element.addEventListener('touchmove', release, { passive: true });
    element.addEventListener('keydown', release);
    document.addEventListener('selectionchange', onSelection);
    return () => {
      observer.disconnect();
      element.removeEventListener('scroll', onScroll);
      element.removeEventListener('wheel', onWheel);
      element.removeEventListener('touchmove', release);
      element.removeEventListener('keydown', release);
      document.removeEventListener('selectionchange', onSelection);
    };
  }, []);

  return { scroller, content, isAtEnd, toEnd };
}
