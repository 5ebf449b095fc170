import type { ReactNode } from 'react';
import { Scroller } from './scroller.tsx';

interface PageProps {
  title: ReactNode;
  /** Above the title: where this page belongs. */
  above?: ReactNode;
  /** Below the title, in a line or two. */
  lead?: ReactNode;
  actions?: ReactNode;
  children: ReactNode;
}

/** A page of panels under one heading, with what can be done beside it. */
export function Page({ title, above, lead, actions, children }: PageProps) {
  return (
    <Scroller>
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
    </Scroller>
  );
}
