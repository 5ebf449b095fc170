import { Link } from 'wouter';
import { classes } from './classes.ts';
import type { Destination } from './navigation.ts';

/** A destination as small as a tool: for what is not one of the main places. */
export function NavigationTool({ destination: { href, label, icon: Icon, isCurrent } }: { destination: Destination }) {
  return (
    <Link
      href={href}
      aria-label={label}
      aria-current={isCurrent ? 'page' : undefined}
      title={label}
      className={classes(
        'target inline-flex items-center justify-center rounded-sm transition',
        isCurrent ? 'bg-accent-soft text-accent' : 'text-text-2 hover:bg-surface-2 hover:text-text',
      )}
    >
      <Icon aria-hidden size={18} />
    </Link>
  );
}
