import { Link } from 'wouter';

interface TabLinksProps {
  label: string;
  tabs: readonly { readonly href: string; readonly label: string; readonly isCurrent: boolean }[];
}

/** Links between the parts of a page, each with its own URL. */
export function TabLinks({ label, tabs }: TabLinksProps) {
  return (
    <nav aria-label={label} className="flex gap-1 overflow-x-auto">
      {tabs.map(({ href, label, isCurrent }) => (
        <Link
          key={href}
          href={href}
          aria-current={isCurrent ? 'page' : undefined}
          className="target inline-flex shrink-0 items-center border-b-2 border-transparent px-3 font-medium text-text-2 aria-[current]:border-accent aria-[current]:text-text"
        >
          {label}
        </Link>
      ))}
    </nav>
  );
}
