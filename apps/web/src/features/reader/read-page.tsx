import { type ReactNode, useEffect } from 'react';
import { Link, useLocation } from 'wouter';
import { Button } from '../../design/button.tsx';
import { Notice } from '../../design/notice.tsx';
import { Scroller } from '../../design/scroller.tsx';
import { DocumentArticle } from './document-article.tsx';
import { currentPath } from './document-links.ts';
import { useContentDocument, useContentTree } from './use-content.ts';

/** One document of the repository, or the README. */
export default function ReadPage() {
  const { tree, retry } = useContentTree();
  const [pathname] = useLocation();
  const path = currentPath(pathname, tree.state === 'ready' ? tree.value : []);
  if (path !== null) return <ReadDocument key={path} path={path} />;
  if (tree.state === 'loading') return <Place>Loading…</Place>;
  return (
    <Place>
      <Notice
        tone={tree.state === 'failed' ? 'bad' : 'info'}
        title="There is no document to show"
        actions={<Button onClick={() => void retry()}>Try again</Button>}
      >
        {tree.state === 'failed' ? tree.message : 'This gateway offers no documents.'}
      </Notice>
    </Place>
  );
}

function ReadDocument({ path }: { path: string }) {
  const { document: loaded, retry } = useContentDocument(path);
  const heading = loaded.state === 'ready' ? /^#\s+(.+)$/m.exec(loaded.value)?.[1] : undefined;
  useEffect(() => {
    document.title = `${heading ?? path} · Prodigon`;
  }, [heading, path]);

  switch (loaded.state) {
    case 'ready':
      return (
        <Scroller>
          <DocumentArticle path={path} content={loaded.value} />
        </Scroller>
      );
    case 'loading':
      return <Place>Loading {path}…</Place>;
    case 'missing':
      return (
        <Place>
          <h1 className="pb-4 text-2xl font-semibold tracking-tight">No such document</h1>
          <Notice tone="info" title={`${path} is not among the documents that can be read here.`}>
            <Link href="/read" className="text-accent underline underline-offset-3">
              Go to the README
            </Link>
          </Notice>
        </Place>
      );
    case 'failed':
      return (
        <Place>
          <h1 className="pb-4 text-2xl font-semibold tracking-tight">The document could not be loaded</h1>
          <Notice tone="bad" title={loaded.message} actions={<Button onClick={() => void retry()}>Try again</Button>} />
        </Place>
      );
  }
}

function Place({ children }: { children: ReactNode }) {
  return <div className="mx-auto w-full max-w-180 px-4 py-10 text-text-2 sm:px-8">{children}</div>;
}
