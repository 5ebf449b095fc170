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
  context: ContextColumn | null;
  /** Above everything else, while there is a connection problem. */
  banner: ReactNode;
  children: ReactNode;
}

export interface ContextColumn {
  label: string;
  content: ReactNode;
  /** Whether wide screens show the column until the user chooses otherwise. */
  isShownAtFirst: boolean;
}

/** The frame of every page: rail and column on wide screens, bars and a drawer on narrow ones. */
export function Shell({ destinations, settings, title, status, context, banner, children }: ShellProps) {
  const column = useContextColumn(context);
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

const storageKeyOf = (label: string) => `prodigon.column.${label.toLowerCase()}`;

/** Beside the page and remembered on wide screens; a drawer that starts closed on narrow ones. */
function useContextColumn(context: ContextColumn | null) {
  const isDrawer = !useMediaQuery('(min-width: 1024px)');
  const [location] = useLocation();
  const [choices, setChoices] = useState<Record<string, boolean>>({});
  const [isDrawerOpen, setDrawerOpen] = useState(false);

  // biome-ignore lint/correctness/useExhaustiveDependencies: navigation closes the drawer.
  useEffect(() => setDrawerOpen(false), [location, isDrawer]);

  if (!context) return { isDrawer, isShown: false, toggle: () => {} };
  const { label, isShownAtFirst } = context;
  const stored = localStorage.getItem(storageKeyOf(label));
  const isBesideShown = choices[label] ?? (stored === null ? isShownAtFirst : stored === 'shown');
  const toggle = () => {
    if (isDrawer) return setDrawerOpen(!isDrawerOpen);
    localStorage.setItem(storageKeyOf(label), isBesideShown ? 'collapsed' : 'shown');
    setChoices({ ...choices, [label]: !isBesideShown });
  };
  return { isDrawer, isShown: isDrawer ? isDrawerOpen : isBesideShown, toggle };
}
