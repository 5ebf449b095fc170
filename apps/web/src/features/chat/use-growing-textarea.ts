import { type RefObject, useLayoutEffect } from 'react';

const ROWS_MAX = 10;

/** As high as its text, up to ten rows; then it scrolls. */
export function useGrowingTextarea(textarea: RefObject<HTMLTextAreaElement | null>, value: string): void {
  // biome-ignore lint/correctness/useExhaustiveDependencies: the height follows the value.
  useLayoutEffect(() => {
    const element = textarea.current;
    if (!element) return;
    const style = getComputedStyle(element);
    const padding = Number.parseFloat(style.paddingTop) + Number.parseFloat(style.paddingBottom);
    element.style.height = 'auto';
    const height = Math.min(element.scrollHeight, Number.parseFloat(style.lineHeight) * ROWS_MAX + padding);
    element.style.height = `${height}px`;
  }, [value, textarea]);
}
