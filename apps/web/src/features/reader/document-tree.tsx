import { readerPath } from '@prodigon/contracts';
import { Link, useLocation } from 'wouter';
import { Button } from '../../design/button.tsx';
import { classes } from '../../design/classes.ts';
import { currentPath } from './document-links.ts';
import { groupEntries } from './group-entries.ts';
import { useContentTree } from './use-content.ts';

/** The documents of the repository, for the context column. */
export default function DocumentTree() {
  const { tree, retry } = useContentTree();
  const [pathname] = useLocation();
  if (tree.state === 'loading') return <p className="p-4 text-text-3">Loading the documents…</p>;
  if (tree.state !== 'ready') {
    return (
      <div className="flex flex-col items-start gap-3 p-4 text-sm text-text-2">
        <p>{tree.state === 'failed' ? tree.message : 'This gateway offers no documents.'}</p>
        <Button onClick={() => void retry()}>Try again</Button>
      </div>
    );
  }
  const current = currentPath(pathname, tree.value);
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
                  aria-current={path === current ? 'page' : undefined}
                  className={classes(
                    'target flex items-center rounded-sm px-3 py-1.5 text-sm transition',
                    path === current
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
