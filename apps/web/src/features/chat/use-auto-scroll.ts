import { type RefObject, useCallback, useEffect, useRef, useState } from 'react';
import { hasScrollPosition, useScrollRestoration } from '../../design/use-scroll-restoration.ts';
import { type Followed, followPosition, type ScrollMetrics } from './follow-position.ts';

/** Distance to the end within which scrolling follows new content. */
const END_DISTANCE_PX = 40;

interface AutoScrollOptions {
  /** What it follows first, unless it opens at the position that the user left. */
  opensAt: Followed;
  /** The key of the newest question, whose element has it as `data-key`. */
  questionKey: string | undefined;
  /** Shows the message with this key, which may not be in the document yet. */
  reveal: (key: string) => void;
}

interface AutoScroll {
  scroller: RefObject<HTMLDivElement | null>;
  content: RefObject<HTMLDivElement | null>;
  /** False while content below is out of view. */
  isAtEnd: boolean;
  /** Scrolls to the newest content, and follows it while it grows; null stops following. */
  follow: (followed: Followed | null) => void;
  /** Reports a change of the scroll position that is not the user's. */
  noteScroll: () => void;
}

/**
 * Keeps a new question and the start of its response in view. Scrolling to the end follows the rest of the response.
 * Any other scrolling, touch, keys and text selection stop following immediately. After Back, it returns to the previous position.
 */
export function useAutoScroll({ opensAt, questionKey, reveal }: AutoScrollOptions): AutoScroll {
  const scroller = useRef<HTMLDivElement>(null);
  const content = useRef<HTMLDivElement>(null);
  const [isRestored] = useState(hasScrollPosition);
  const followed = useRef<Followed | null>(isRestored ? null : opensAt);
  const question = useRef(questionKey);
  question.current = questionKey;
  /** The last known position. Another one in a scroll event is the user's. */
  const lastTop = useRef(0);
  const [isAtEnd, setAtEnd] = useState(true);

  useScrollRestoration(scroller, reveal);

  const update = useCallback(() => {
    const element = scroller.current;
    if (!element) return;
    if (followed.current) {
      element.scrollTop = followPosition(followed.current, metricsOf(element, question.current));
      lastTop.current = element.scrollTop;
    }
    setAtEnd(distanceToEnd(element) <= END_DISTANCE_PX);
  }, []);

  const noteScroll = useCallback(() => {
    lastTop.current = scroller.current?.scrollTop ?? 0;
  }, []);

  const follow = useCallback(
    (next: Followed | null) => {
      followed.current = next;
      update();
    },
    [update],
  );

  useEffect(() => {
    const element = scroller.current;
    const inner = content.current;
    if (!element || !inner) return;
    lastTop.current = element.scrollTop;
    const onScroll = () => {
      // A position that the list has set itself. When its content has its size, the observer shows whether that is the end.
      if (followed.current && element.scrollTop === lastTop.current) return;
      const isNearEnd = distanceToEnd(element) <= END_DISTANCE_PX;
      if (isNearEnd && element.scrollTop > lastTop.current) followed.current = 'end';
      else if (element.scrollTop !== lastTop.current && !isNearEnd) followed.current = null;
      lastTop.current = element.scrollTop;
      setAtEnd(isNearEnd);
    };
    const stopFollowing = () => {
      followed.current = null;
    };
    const onWheel = ({ deltaY }: WheelEvent) => {
      if (deltaY < 0) stopFollowing();
    };
    const onSelection = () => {
      const selection = getSelection();
      if (selection && !selection.isCollapsed && inner.contains(selection.anchorNode)) stopFollowing();
    };

    const observer = new ResizeObserver(update);
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
  }, [update]);

  return { scroller, content, isAtEnd, follow, noteScroll };
}

function distanceToEnd({ scrollHeight, clientHeight, scrollTop }: Element): number {
  return scrollHeight - clientHeight - scrollTop;
}

function metricsOf(scroller: Element, questionKey: string | undefined): ScrollMetrics {
  const { scrollHeight, clientHeight, scrollTop } = scroller;
  const question = questionKey === undefined ? null : scroller.querySelector(`[data-key="${CSS.escape(questionKey)}"]`);
  const top = question ? question.getBoundingClientRect().top - scroller.getBoundingClientRect().top : 0;
  return { scrollHeight, clientHeight, questionTop: scrollTop + top };
}
