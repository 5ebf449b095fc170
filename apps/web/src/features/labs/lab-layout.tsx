import { clsx } from 'clsx';
import type { ReactNode } from 'react';
import { ScrollArea } from '../../design/page.tsx';

interface LabLayoutProps {
  title: string;
  lead: ReactNode;
  /** The checks: a column on wide screens, below the experiment on others. */
  checks?: ReactNode;
  children: ReactNode;
}

export function LabLayout({ title, lead, checks, children }: LabLayoutProps) {
  return (
    <ScrollArea>
      <div className={clsx('min-h-full', checks && 'xl:grid xl:grid-cols-[minmax(0,1fr)_23.5rem]')}>
        <div className="mx-auto flex w-full max-w-4xl min-w-0 flex-col gap-5 px-4 py-6 sm:px-8">
          <header className="flex flex-wrap items-start justify-between gap-x-6 gap-y-3">
            <div className="min-w-0">
              <h1 className="text-2xl font-semibold tracking-tight wrap-anywhere">{title}</h1>
              <p className="mt-1 text-text-2">{lead}</p>
            </div>
          </header>
          {children}
        </div>
        {checks && (
          <aside
            id="checks"
            tabIndex={-1}
            aria-label="Checks of the exercise"
            className="mx-auto w-full max-w-4xl scroll-mt-6 border-border bg-surface px-4 py-6 max-xl:border-t sm:px-8 xl:border-l xl:px-5"
          >
            {checks}
          </aside>
        )}
      </div>
    </ScrollArea>
  );
}
