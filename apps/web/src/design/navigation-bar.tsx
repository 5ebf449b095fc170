import { Link } from 'wouter';
import { classes } from './classes.ts';
import type { Destination } from './navigation.ts';

/** 56 px of tabs at the bottom of a phone. */
export function NavigationBar({ destinations }: { destinations: readonly Destination[] }) {
  return (
    <nav
      aria-label="Pages"
      className="flex h-14 shrink-0 border-t border-border bg-surface pb-[env(safe-area-inset-bottom)] sm:hidden"
    >
      {destinations.map(({ href, label, icon: Icon, isCurrent }) => (
        <Link
          key={href}
          href={href}
          aria-current={isCurrent ? 'page' : undefined}
          className={classes(
            'flex flex-1 flex-col items-center justify-center gap-0.5 text-xs font-medium focus-visible:-outline-offset-2',
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
