import { Menu } from 'lucide-react';
import type { ReactNode } from 'react';
import { IconButton } from './button.tsx';
import type { ContextToggle, Destination } from './navigation.ts';
import { NavigationTool } from './navigation-tool.tsx';
import { ThemeButton } from './theme-button.tsx';

interface TopBarProps {
  title: string;
  settings: Destination;
  status: ReactNode;
  context: ContextToggle | null;
}

/** 48 px at the top of a phone. */
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
      <NavigationTool destination={settings} />
    </header>
  );
}
