import { type RefObject, startTransition, useEffect, useLayoutEffect, useRef, useState } from 'react';
import { flushSync } from 'react-dom';
import { elementOf } from './messages-in-flow.tsx';

/** Whether all messages are in the document: during printing, and since the user opened the browser's search or selected all. */
export function useCompleteList(scroller: RefObject<HTMLElement | null>): boolean {
  const [isPrinting, setPrinting] = useState(false);
  const [isSearching, setSearching] = useState(false);
  const shown = useRef<{ key: string; top: number }>(null);
  useEffect(() => {
    const onBeforePrint = () => flushSync(() => setPrinting(true));
    const onAfterPrint = () => setPrinting(false);
    const onKeyDown = ({ key, ctrlKey, metaKey, altKey }: KeyboardEvent) => {
      const isSearch = (ctrlKey || metaKey) && !altKey && ['f', 'g', 'a'].includes(key.toLowerCase());
      if (!isSearch && key !== 'F3') return;
      shown.current = firstVisible(scroller.current);
      // Rendered in pieces, because it may take seconds.
      startTransition(() => setSearching(true));
    };
    addEventListener('beforeprint', onBeforePrint);
    addEventListener('afterprint', onAfterPrint);
    addEventListener('keydown', onKeyDown);
    return () => {
      removeEventListener('beforeprint', onBeforePrint);
      removeEventListener('afterprint', onAfterPrint);
      removeEventListener('keydown', onKeyDown);
    };
  }, [scroller]);
  useLayoutEffect(() => {
    const message = isSearching && shown.current ? elementOf(scroller.current, shown.current.key) : null;
    if (!message || !scroller.current || !shown.current) return;
    scroller.current.scrollTop += message.getBoundingClientRect().top - shown.current.top;
    shown.current = null;
  }, [isSearching, scroller]);
  return isPrinting || isSearching;
}

function firstVisible(scroller: HTMLElement | null): { key: string; top: number } | null {
  const messages = [...(scroller?.querySelectorAll<HTMLElement>('[data-key]') ?? [])];
  const message = messages.find((each) => each.getBoundingClientRect().bottom > 0);
  return message?.dataset.key === undefined ? null : { key: message.dataset.key, top: message.getBoundingClientRect().top };
}
