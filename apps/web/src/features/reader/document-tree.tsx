import { type ContentEntry, readerPath } from '@prodigon/contracts';
import { clsx } from 'clsx';
import { Link, useLocation } from 'wouter';
import { Button } from '../../design/button.tsx';
import { useContentTree } from './content-queries.ts';
import { currentDocumentPath } from './document-links.ts';

/** The context column of the reader: the documents by folder. */
export default function DocumentTree() {
  const { tree, retry } = useContentTree();
  const [pathname] = useLocation();
  if (tree.state === 'loading') return <p className="p-4 text-text-3">Loading…</p>;
  if (tree.state !== 'ready') {
    return (
      <div className="flex flex-col items-start gap-3 p-4 text-sm text-text-2">
        <p>{tree.state === 'failed' ? tree.message : 'No documents available'}</p>
        <Button onClick={retry}>Retry</Button>
      </div>
    );
  }
  const currentPath = currentDocumentPath(pathname, tree.value);
  return (
    <nav aria-label="Documents" className="h-full overflow-y-auto px-2 py-4">
      {groupEntries(tree.value).map(({ folder, entries }) => (
        <section key={folder} className="mb-4">
          {folder && <h2 className="px-3 pb-1 font-mono text-xs text-text-3">{folder}</h2>}
          <ul>
            {entries.map(({ path, title }) => (
              <li key={path}>
                <Link
                  href={readerPath(path)}
                  aria-current={path === currentPath ? 'page' : undefined}
                  className={clsx(
                    'target flex items-center rounded-sm px-3 py-1.5 text-sm transition',
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
        </section>
      ))}
    </nav>
  );
}

interface EntryGroup {
  /** Such as `docs/guide`; empty for the root of the repository. */
  folder: string;
  entries: readonly ContentEntry[];
}

/** Groups the documents by folder, in reading order. */
function groupEntries(entries: readonly ContentEntry[]): EntryGroup[] {
  const groups = Map.groupBy(entries, ({ path }) => path.split('/').slice(0, -1).join('/'));
  return [...groups].map(([folder, members]) => ({ folder, entries: members }));
}
