import { classes } from '../../design/classes.ts';
import type { OutlineEntry } from './outline.ts';
import { useHash } from './use-hash-target.ts';

const DEPTHS = [2, 3];

export function TableOfContents({ entries }: { entries: readonly OutlineEntry[] }) {
  const hash = useHash();
  const shown = entries.filter(({ depth }) => DEPTHS.includes(depth));
  if (shown.length < 2) return null;
  return (
    <nav
      aria-label="On this page"
      className="sticky top-10 max-h-[calc(100dvh-8rem)] w-56 shrink-0 self-start overflow-y-auto max-xl:hidden"
    >
      <h2 className="pb-2 text-sm font-semibold">On this page</h2>
      <ul className="border-l border-border text-sm">
        {shown.map(({ id, text, depth }) => (
          <li key={id}>
            <a
              href={`#${encodeURIComponent(id)}`}
              aria-current={id === hash ? 'location' : undefined}
              className={classes(
                '-ml-px block border-l-2 py-1 transition focus-visible:-outline-offset-2',
                depth === 3 ? 'pl-7' : 'pl-4',
                id === hash ? 'border-accent text-accent' : 'border-transparent text-text-2 hover:text-text',
              )}
            >
              {text}
            </a>
          </li>
        ))}
      </ul>
    </nav>
  );
}
