import { clsx } from 'clsx';
import { type CSSProperties, type RefObject, useEffect, useImperativeHandle, useRef } from 'react';
import { elementOf, type MessagesProps, TAIL_MESSAGES } from './messages-in-flow.tsx';
import { useMessageWindow } from './use-message-window.ts';

export interface WindowedMessagesProps extends MessagesProps {
  scroller: RefObject<HTMLElement | null>;
  /** The expected height of a message, in pixels. */
  estimateAt: (index: number) => number;
  /** Called after the list has corrected the scroll position. */
  onScrolled: () => void;
  onReachStart: (() => void) | undefined;
}

/** Renders the messages near the visible area, and in the normal flow below them the last ones. */
export default function WindowedMessages({
  ref,
  keys,
  renderAt,
  scroller,
  estimateAt,
  onScrolled,
  onReachStart,
}: WindowedMessagesProps) {
  const container = useRef<HTMLDivElement>(null);
  const tailStart = Math.max(0, keys.length - TAIL_MESSAGES);
  const { indexes, startOf, totalPx, measure, scrollToIndex } = useMessageWindow({
    scroller,
    count: tailStart,
    keyAt: (index) => keys[index] as string,
    estimateAt,
    onScrolled,
  });
  useImperativeHandle(ref, () => ({
    reveal(key) {
      const index = keys.indexOf(key);
      if (index >= tailStart) elementOf(container.current, key)?.scrollIntoView();
      else if (index !== -1) scrollToIndex(index);
    },
  }));

  const isAtStart = (indexes[0] ?? 0) === 0;
  const firstKey = keys[0];
  // biome-ignore lint/correctness/useExhaustiveDependencies: a new first message is another start.
  useEffect(() => {
    if (isAtStart) onReachStart?.();
  }, [isAtStart, firstKey, onReachStart]);

  const tailIndexes = Array.from({ length: keys.length - tailStart }, (_, offset) => tailStart + offset);
  return (
    // One parent for all messages, so that a message that leaves the tail keeps its elements. With reduced motion, all properties
    // have short transitions, which would move the messages one frame after the scroll position.
    <div ref={container} className="relative pt-(--space) transition-none" style={{ '--space': `${totalPx}px` } as CSSProperties}>
      {[...indexes, ...tailIndexes].map((index) => {
        const isInWindow = index < tailStart;
        return (
          <div
            key={keys[index]}
            data-key={keys[index]}
            data-index={index}
            ref={isInWindow ? measure : undefined}
            className={clsx('transition-none', isInWindow && 'absolute inset-x-0 top-(--start)')}
            style={isInWindow ? ({ '--start': `${startOf(index)}px` } as CSSProperties) : undefined}
          >
            {renderAt(index)}
          </div>
        );
      })}
    </div>
  );
}
