import { type ReactNode, useId, useRef } from 'react';
import { useScrollRestoration } from './use-scroll-restoration.ts';

/** The scrolling area of a page. It takes the focus, so that keys can scroll it, and returns to its position after Back. */
export function ScrollArea({ children }: { children: ReactNode }) {
  const scroller = useRef<HTMLDivElement>(null);
  useScrollRestoration(scroller);
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: without the focus, keys could not scroll it.
    <div ref={scroller} tabIndex={0} className="h-full overflow-y-auto focus-visible:-outline-offset-2">
      {children}
    </div>
  );
}

interface PageProps {
  title: ReactNode;
  /** Above the title, for example a link to the parent page. */
  above?: ReactNode;
  /** Below the title: one or two lines. */
  lead?: ReactNode;
  actions?: ReactNode;
  children: ReactNode;
}

/** The layout of a page: heading, actions and panels. */
export function Page({ title, above, lead, actions, children }: PageProps) {
  return (
    <ScrollArea>
      <div className="mx-auto flex max-w-6xl flex-col gap-6 px-4 py-6 sm:px-8 sm:py-8">
        <header className="flex flex-wrap items-start justify-between gap-x-6 gap-y-4">
          <div className="min-w-0">
            {above}
            <h1 className="text-2xl font-semibold tracking-tight wrap-anywhere">{title}</h1>
            {lead && <div className="mt-1 text-text-2">{lead}</div>}
          </div>
          {actions && <div className="flex flex-wrap gap-2">{actions}</div>}
        </header>
        {children}
      </div>
    </ScrollArea>
  );
}

interface PanelProps {
  title: string;
  /** Beside the title. */
  aside?: ReactNode;
  children: ReactNode;
}

/** A bordered section of a page with a title bar. */
export function Panel({ title, aside, children }: PanelProps) {
  const id = useId();
  return (
    <section aria-labelledby={id} className="min-w-0 rounded-md border border-border">
      <div className="flex min-h-13 flex-wrap items-center justify-between gap-x-4 gap-y-2 rounded-t-md border-b border-border bg-surface px-5 py-2">
        <h2 id={id} className="font-semibold">
          {title}
        </h2>
        {aside}
      </div>
      {children}
    </section>
  );
}
