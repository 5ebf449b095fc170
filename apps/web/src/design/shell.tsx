import { type ReactNode, useEffect, useState } from 'react';
import { useLocation } from 'wouter';
import { useMediaQuery } from './browser-hooks.ts';
import { ErrorBoundary } from './error-boundary.tsx';
import { lazyPart } from './lazy-part.tsx';
import { type Destination, NavigationBar, NavigationRail, TopBar } from './navigation.tsx';

const Drawer = lazyPart(async () => ({ default: (await import('./dialog.tsx')).Drawer }), { failure: 'overlay' });

interface ShellProps {
  destinations: readonly Destination[];
  title: string;
  /** Shown apart from the other destinations. */
  settings: Destination;
  /** The system status, as a link. */
  status: ReactNode;
  /** The column beside the page; null on pages without one. */
  context: { label: string; content: ReactNode } | null;
  /** Above everything else, while there is a connection problem. */
  banner: ReactNode;
  children: ReactNode;
}

/** The frame of every page: rail and column on wide screens, bars and a drawer on narrow ones. */
export function Shell({ destinations, settings, title, status, context, banner, children }: ShellProps) {
  const column = useContextColumn();
  const toggle = context && { label: context.label, isOpen: column.isShown, onToggle: column.toggle };
  return (
    <div className="app-shell flex h-dvh flex-col">
      <a
        href="#main"
        className="absolute top-2 left-2 z-20 -translate-y-16 rounded-sm bg-accent-fill px-4 py-2 font-medium text-white focus:translate-y-0"
      >
        Skip to content
      </a>
      <div aria-live="polite">
        <ErrorBoundary fallback={null}>{banner}</ErrorBoundary>
      </div>
      <TopBar title={title} settings={settings} status={status} context={toggle} />
      <div className="flex min-h-0 flex-1">
        <NavigationRail destinations={destinations} settings={settings} status={status} context={toggle} />
        {context && column.isShown && !column.isDrawer && (
          <aside aria-label={context.label} className="w-66 shrink-0 border-r border-border bg-surface">
            <ErrorBoundary resetKey={context.label}>{context.content}</ErrorBoundary>
          </aside>
        )}
        <main id="main" tabIndex={-1} className="relative flex min-w-0 flex-1 flex-col">
          {children}
        </main>
      </div>
      <NavigationBar destinations={destinations} />
      {context && column.isShown && column.isDrawer && (
        <Drawer title={context.label} onClose={column.toggle}>
          <ErrorBoundary>{context.content}</ErrorBoundary>
        </Drawer>
      )}
    </div>
  );
}

const COLUMN_STORAGE_KEY = 'prodigon.column';

/** Beside the page and remembered on wide screens; a drawer that starts closed on narrow ones. */
function useContextColumn() {
  const isDrawer = !useMediaQuery('(min-width: 1024px)');
  const [location] = useLocation();
  const [isCollapsed, setCollapsed] = useState(() => localStorage.getItem(COLUMN_STORAGE_KEY) === 'collapsed');
  const [isDrawerOpen, setDrawerOpen] = useState(false);

  // biome-ignore lint/correctness/useExhaustiveDependencies: navigation closes the drawer.
  useEffect(() => setDrawerOpen(false), [location, isDrawer]);

  const toggle = () => {
    if (isDrawer) return setDrawerOpen(!isDrawerOpen);
    localStorage.setItem(COLUMN_STORAGE_KEY, isCollapsed ? 'shown' : 'collapsed');
    setCollapsed(!isCollapsed);
  };
  return { isDrawer, isShown: isDrawer ? isDrawerOpen : !isCollapsed, toggle };
}
