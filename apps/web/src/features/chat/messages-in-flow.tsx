import { clsx } from 'clsx';
import { type ReactNode, type Ref, useImperativeHandle, useRef } from 'react';

/** The last messages always have a layout: usually a question and the response that streams. */
export const TAIL_MESSAGES = 2;

export interface ListedMessages {
  /** Shows the beginning of a message. */
  reveal: (key: string) => void;
}

export interface MessagesProps {
  ref?: Ref<ListedMessages> | undefined;
  keys: readonly string[];
  renderAt: (index: number) => ReactNode;
}

/** Renders all messages from an index on. Those out of view have no layout. */
export function MessagesInFlow({ ref, keys, renderAt, from }: MessagesProps & { from: number }) {
  const container = useRef<HTMLDivElement>(null);
  useImperativeHandle(ref, () => ({ reveal: (key) => elementOf(container.current, key)?.scrollIntoView() }));
  return (
    <div ref={container}>
      {keys.slice(from).map((key, offset) => (
        <div key={key} data-key={key} className={clsx(from + offset < keys.length - TAIL_MESSAGES && 'skip-offscreen')}>
          {renderAt(from + offset)}
        </div>
      ))}
    </div>
  );
}

/** Returns the element of a message; null while it is not in the document. */
export function elementOf(container: Element | null, key: string): Element | null {
  return container?.querySelector(`[data-key="${CSS.escape(key)}"]`) ?? null;
}
