import type { ReactNode } from 'react';
import { Drawer } from './drawer.tsx';
import type { Destination } from './navigation.ts';
import { NavigationBar } from './navigation-bar.tsx';
import { NavigationRail } from './navigation-rail.tsx';
import { TopBar } from './top-bar.tsx';
import { useContextColumn } from './use-context-column.ts';

interface ShellProps {
  destinations: readonly Destination[];
  title: string;
  /** Apart from the others: where the reader sets things. */
  settings: Destination;
  /** The state of the system, as a link. */
  status: ReactNode;
  /** What stands in the column beside the page; null for pages that need none. */
  context: { label: string; content: ReactNode } | null;
  /** Above everything else, when there is something to say. */
  strip: ReactNode;
  children: ReactNode;
}

/** The frame of every page: rail and column on wide screens, bars and a drawer on narrow ones. */
export function Shell({ destinations, settings, title, status, context, strip, children }: ShellProps) {
  const column = useContextColumn();
  const toggle = context && { label: context.label, isOpen: column.isShown, onToggle: column.toggle };
  return (
    <div className="flex h-dvh flex-col">
      <a
        href="#main"
        className="absolute top-2 left-2 z-20 -translate-y-16 rounded-sm bg-accent-fill px-4 py-2 font-medium text-white focus:translate-y-0"
      >
        Skip to the page
      </a>
      <div aria-live="polite">{strip}</div>
      <TopBar title={title} settings={settings} status={status} context={toggle} />
      <div className="flex min-h-0 flex-1">
        <NavigationRail destinations={destinations} settings={settings} status={status} context={toggle} />
        {context && column.isShown && !column.isDrawer && (
          <aside aria-label={context.label} className="w-66 shrink-0 border-r border-border bg-surface">
            {context.content}
          </aside>
        )}
        <main id="main" tabIndex={-1} className="relative flex min-w-0 flex-1 flex-col">
          {children}
        </main>
      </div>
      <NavigationBar destinations={destinations} />
      {context && column.isShown && column.isDrawer && (
        <Drawer label={context.label} onClose={column.toggle}>
          {context.content}
        </Drawer>
      )}
    </div>
  );
}
