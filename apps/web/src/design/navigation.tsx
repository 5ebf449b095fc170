import { clsx } from 'clsx';
import { type LucideIcon, Menu, PanelLeft } from 'lucide-react';
import type { ReactNode } from 'react';
import { Link } from 'wouter';
import { IconButton } from './button.tsx';
import { Logo } from './icons.tsx';
import { ThemeButton } from './theme.tsx';

/** An entry of the navigation. */
export interface Destination {
  href: string;
  label: string;
  icon: LucideIcon;
  isCurrent: boolean;
}

/** The button that shows and hides the context column. */
export interface ContextToggle {
  label: string;
  isOpen: boolean;
  onToggle: () => void;
}

interface NavigationRailProps {
  destinations: readonly Destination[];
  settings: Destination;
  status: ReactNode;
  context: ContextToggle | null;
}

/** A 64 px column of labelled icons, on tablets and desktops. */
export function NavigationRail({ destinations, settings, status, context }: NavigationRailProps) {
  return (
    <header className="flex w-16 shrink-0 flex-col items-center gap-1 border-r border-border bg-surface py-3 max-sm:hidden">
      <Link href="/chat" aria-label="Prodigon" className="mb-2 rounded-sm">
        <Logo />
      </Link>
      <nav aria-label="Main" className="flex flex-col items-center gap-1">
        {destinations.map(({ href, label, icon: Icon, isCurrent }) => (
          <Link
            key={href}
            href={href}
            aria-current={isCurrent ? 'page' : undefined}
            className={clsx(
              'flex h-13 w-15 flex-col items-center justify-center gap-0.5 rounded-md text-[0.65625rem] leading-4 font-medium tracking-tight transition',
              isCurrent ? 'bg-accent-soft text-accent' : 'text-text-2 hover:bg-surface-2 hover:text-text',
            )}
          >
            <Icon aria-hidden size={20} />
            {label}
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
        <SettingsLink destination={settings} />
        <ThemeButton />
        {status}
      </div>
    </header>
  );
}

interface TopBarProps {
  title: string;
  settings: Destination;
  status: ReactNode;
  context: ContextToggle | null;
}

/** A 48 px bar at the top of a phone. */
export function TopBar({ title, settings, status, context }: TopBarProps) {
  return (
    <header className="flex h-12 shrink-0 items-center gap-1 border-b border-border bg-surface px-2 sm:hidden">
      {context && (
        <IconButton label={`Show ${context.label.toLowerCase()}`} aria-expanded={context.isOpen} onClick={context.onToggle}>
          <Menu aria-hidden size={20} />
        </IconButton>
      )}
      <span className="min-w-0 flex-1 truncate px-2 font-semibold">{title}</span>
      {status}
      <ThemeButton />
      <SettingsLink destination={settings} />
    </header>
  );
}

/** 56 px of tabs at the bottom of a phone. */
export function NavigationBar({ destinations }: { destinations: readonly Destination[] }) {
  return (
    <nav
      aria-label="Main"
      className="flex h-14 shrink-0 border-t border-border bg-surface pb-[env(safe-area-inset-bottom)] sm:hidden"
    >
      {destinations.map(({ href, label, icon: Icon, isCurrent }) => (
        <Link
          key={href}
          href={href}
          aria-current={isCurrent ? 'page' : undefined}
          className={clsx(
            'flex min-w-0 flex-1 flex-col items-center justify-center gap-0.5 text-[0.65625rem] leading-4 font-medium tracking-tight focus-visible:-outline-offset-2',
            isCurrent ? 'text-accent' : 'text-text-2',
          )}
        >
          <Icon aria-hidden size={20} />
          {label}
        </Link>
      ))}
    </nav>
  );
}

function SettingsLink({ destination: { href, label, icon: Icon, isCurrent } }: { destination: Destination }) {
  return (
    <Link
      href={href}
      aria-label={label}
      aria-current={isCurrent ? 'page' : undefined}
      title={label}
      className={clsx(
        'target inline-flex items-center justify-center rounded-sm transition',
        isCurrent ? 'bg-accent-soft text-accent' : 'text-text-2 hover:bg-surface-2 hover:text-text',
      )}
    >
      <Icon aria-hidden size={18} />
    </Link>
  );
}
