import { readerPath } from '@prodigon/contracts';
import { clsx } from 'clsx';
import { ChevronRight, Search } from 'lucide-react';
import { useEffect, useRef, useState } from 'react';
import { Link, useLocation } from 'wouter';
import { Button } from '../../design/button.tsx';
import { ListSkeleton } from '../../design/skeleton.tsx';
import { useContentTree } from './content-queries.ts';
import { type DocumentGroup, filterGroups, groupDocuments } from './document-groups.ts';
import { currentDocumentPath } from './document-links.ts';

/** The context column of the reader: the documents in reading order, with a filter. */
export default function DocumentTree() {
  const { tree, retry } = useContentTree();
  const [pathname] = useLocation();
  const [filter, setFilter] = useState('');
  if (tree.state === 'loading') return <ListSkeleton />;
  if (tree.state !== 'ready') {
    return (
      <div className="flex flex-col items-start gap-3 p-4 text-sm text-text-2">
        <p>{tree.state === 'failed' ? tree.message : 'No documents available'}</p>
        <Button onClick={retry}>Retry</Button>
      </div>
    );
  }
  const groups = filterGroups(groupDocuments(tree.value), filter);
  return (
    <div className="flex h-full flex-col">
      <div className="relative p-3 pb-1">
        <Search aria-hidden size={16} className="pointer-events-none absolute top-5.5 left-6 text-text-3" />
        <input
          type="search"
          aria-label="Filter documents"
          placeholder="Filter documents"
          value={filter}
          onChange={(event) => setFilter(event.target.value)}
          className="field pl-9 text-sm"
        />
      </div>
      <nav aria-label="Documents" className="min-h-0 flex-1 overflow-y-auto px-2 py-3">
        {groups.map((group) => (
          <Group
            // A filter opens the groups, and without it they are as before.
            key={`${group.title} ${filter === ''}`}
            group={group}
            currentPath={currentDocumentPath(pathname, tree.value)}
          />
        ))}
        {groups.length === 0 && <p className="px-3 text-sm text-text-2">No matching documents</p>}
      </nav>
    </div>
  );
}

function Group({ group: { title, entries, isCollapsed }, currentPath }: { group: DocumentGroup; currentPath: string | null }) {
  const current = useRef<HTMLAnchorElement>(null);
  // biome-ignore lint/correctness/useExhaustiveDependencies: another document may be out of view.
  useEffect(() => {
    // Some browsers return a promise, which is no cleanup.
    current.current?.scrollIntoView({ block: 'nearest' });
  }, [currentPath]);
  return (
    <details open={!isCollapsed || entries.some(({ path }) => path === currentPath)} className="group mb-3">
      <summary className="target flex cursor-pointer list-none items-center gap-1 rounded-sm px-2 text-sm font-semibold hover:bg-surface-2">
        <ChevronRight aria-hidden size={14} className="text-text-3 transition-transform group-open:rotate-90" />
        {title}
      </summary>
      <ul>
        {entries.map(({ path, title }) => (
          <li key={path}>
            <Link
              ref={path === currentPath ? current : undefined}
              href={readerPath(path)}
              aria-current={path === currentPath ? 'page' : undefined}
              className={clsx(
                'target flex items-center rounded-sm py-1.5 pr-2 pl-7 text-sm transition',
                path === currentPath
                  ? 'bg-accent-soft font-medium text-accent'
                  : 'text-text-2 hover:bg-surface-2 hover:text-text',
              )}
            >
              {title}
            </Link>
          </li>
        ))}
      </ul>
    </details>
  );
}
