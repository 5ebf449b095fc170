import type { ReactNode } from 'react';

/** The part of a page that scrolls, by keyboard too. */
export function Scroller({ children }: { children: ReactNode }) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: without the focus, keys could not scroll it.
    <div tabIndex={0} className="h-full overflow-y-auto focus-visible:-outline-offset-2">
      {children}
    </div>
  );
}
