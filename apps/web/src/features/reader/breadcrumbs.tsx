import { readerPath } from '@prodigon/contracts';
import { Fragment } from 'react';
import { Link } from 'wouter';

interface Breadcrumb {
  label: string;
  /** Without one, the entry is plain text: a group, or the current page. */
  href?: string;
}

/** The folders of a path, with links, and the last part of it. */
export function breadcrumbsOf(path: string): Breadcrumb[] {
  const segments = path.split('/');
  const folders = segments
    .slice(0, -1)
    .map((label, index) => ({ label, href: readerPath(segments.slice(0, index + 1).join('/')) }));
  return [...folders, { label: segments.at(-1) ?? '' }];
}

/** The path from the documents to the current page, which is the last entry. */
export function Breadcrumbs({ entries }: { entries: readonly Breadcrumb[] }) {
  return (
    <nav aria-label="Breadcrumbs" className="text-sm">
      <ol className="flex flex-wrap gap-2 text-text-3">
        <li>
          <Link href="/read" className="rounded-sm text-text-2 hover:text-text">
            Docs
          </Link>
        </li>
        {entries.map(({ label, href }, index) => (
          <Fragment key={href ?? label}>
            <li aria-hidden="true">/</li>
            <li aria-current={index === entries.length - 1 ? 'page' : undefined} className="last:text-text-2">
              {href === undefined ? (
                label
              ) : (
                <Link href={href} className="rounded-sm text-text-2 hover:text-text">
                  {label}
                </Link>
              )}
            </li>
          </Fragment>
        ))}
      </ol>
    </nav>
  );
}
