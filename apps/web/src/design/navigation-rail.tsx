import { PanelLeft } from 'lucide-react';
import type { ReactNode } from 'react';
import { Link } from 'wouter';
import { IconButton } from './button.tsx';
import { classes } from './classes.ts';
import { Mark } from './mark.tsx';
import type { ContextToggle, Destination } from './navigation.ts';
import { NavigationTool } from './navigation-tool.tsx';
import { ThemeButton } from './theme-button.tsx';

interface NavigationRailProps {
  destinations: readonly Destination[];
  settings: Destination;
  status: ReactNode;
  context: ContextToggle | null;
}

/** 56 px of icons at the side, from tablets on. */
export function NavigationRail({ destinations, settings, status, context }: NavigationRailProps) {
  return (
    <header className="flex w-14 shrink-0 flex-col items-center gap-1 border-r border-border bg-surface py-3 max-sm:hidden">
      <Link href="/chat" aria-label="Prodigon" className="mb-2 rounded-sm">
        <Mark />
      </Link>
      <nav aria-label="Pages" className="flex flex-col items-center gap-1">
        {destinations.map(({ href, label, icon: Icon, isCurrent }) => (
          <Link
            key={href}
            href={href}
            aria-label={label}
            aria-current={isCurrent ? 'page' : undefined}
            title={label}
            className={classes(
              'flex size-11 items-center justify-center rounded-md transition',
              isCurrent ? 'bg-accent-soft text-accent' : 'text-text-2 hover:bg-surface-2 hover:text-text',
            )}
          >
            <Icon aria-hidden size={20} />
          </Link>
        ))}
      </nav>
      <div className="mt-auto flex flex-col items-center gap-1">
        {context && (
          <IconButton
            label={`${context.isOpen ? 'Hide' : 'Show'} ${context.label.toLowerCase()}`}
            aria-expanded={context.isOpen}
            onClick={context.onToggle}
          >
            <PanelLeft aria-hidden size={18} />
          </IconButton>
        )}
        <NavigationTool destination={settings} />
        <ThemeButton />
        {status}
      </div>
    </header>
  );
}
