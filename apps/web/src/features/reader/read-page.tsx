import type { ReactNode } from 'react';
import { Link, useLocation } from 'wouter';
import { usePageTitle } from '../../design/browser-hooks.ts';
import { Button } from '../../design/button.tsx';
import { Notice } from '../../design/notice.tsx';
import { ScrollArea } from '../../design/page.tsx';
import { type Loaded, useContentDocument, useContentTree, useSource } from './content-queries.ts';
import { DocumentArticle } from './document-article.tsx';
import { currentDocumentPath, isDocument, isListed } from './document-links.ts';
import { SourceView } from './source-view.tsx';

/** Shows one document of the repository, by default the README, or its source code. */
export default function ReadPage() {
  const { tree, retry } = useContentTree();
  const [pathname] = useLocation();
  const entries = tree.state === 'ready' ? tree.value : [];
  const path = currentDocumentPath(pathname, entries);
  const isCode = path !== null && !isDocument(path);
  if (tree.state === 'loading' && !isCode) return <Message>Loading…</Message>;
  if (path !== null) {
    // Without the list, only the platform knows the documents.
    const isKnown = tree.state !== 'ready' || isListed(path, entries);
    return isCode || !isKnown ? <ReadSource key={path} path={path} /> : <ReadDocument key={path} path={path} />;
  }
  return (
    <Message>
      <Notice
        severity={tree.state === 'failed' ? 'bad' : 'info'}
        title={tree.state === 'failed' ? 'Could not load documents' : 'No documents available'}
        actions={<Button onClick={retry}>Retry</Button>}
      >
        {tree.state === 'failed' && tree.message}
      </Notice>
    </Message>
  );
}

function ReadDocument({ path }: { path: string }) {
  const { document: loaded, retry } = useContentDocument(path);
  const heading = loaded.state === 'ready' ? /^#\s+([^\r\n]+)/m.exec(loaded.value)?.[1] : undefined;
  usePageTitle(heading ?? path);
  if (loaded.state === 'missing') return <ReadSource path={path} />;
  if (loaded.state !== 'ready') return <NotLoaded path={path} loaded={loaded} retry={retry} />;
  return (
    <ScrollArea>
      <DocumentArticle path={path} content={loaded.value} />
    </ScrollArea>
  );
}

/** Shows source code. Markdown of the code, such as a package's README, is rendered. */
function ReadSource({ path }: { path: string }) {
  const { source: loaded, retry } = useSource(path);
  usePageTitle(path);
  if (loaded.state !== 'ready') return <NotLoaded path={path} loaded={loaded} retry={retry} />;
  const source = loaded.value;
  return (
    <ScrollArea>
      {'content' in source && isDocument(path) ? (
        <DocumentArticle path={path} content={source.content} />
      ) : (
        <SourceView source={source} />
      )}
    </ScrollArea>
  );
}

interface NotLoadedProps {
  path: string;
  loaded: Exclude<Loaded<never>, { state: 'ready' }>;
  retry: () => void;
}

function NotLoaded({ path, loaded, retry }: NotLoadedProps) {
  switch (loaded.state) {
    case 'loading':
      return <Message>Loading {path}…</Message>;
    case 'missing':
      return (
        <Message>
          <h1 className="pb-4 text-2xl font-semibold tracking-tight">Document not found</h1>
          <Notice severity="info" title={`There is no document at ${path}`}>
            <Link href="/read" className="text-accent underline underline-offset-3">
              Go to the README
            </Link>
          </Notice>
        </Message>
      );
    case 'failed':
      return (
        <Message>
          <h1 className="pb-4 text-2xl font-semibold tracking-tight">Could not load the document</h1>
          <Notice severity="bad" title={loaded.message} actions={<Button onClick={retry}>Retry</Button>} />
        </Message>
      );
  }
}

function Message({ children }: { children: ReactNode }) {
  return <div className="mx-auto w-full max-w-180 px-4 py-10 text-text-2 sm:px-8">{children}</div>;
}
