import { type ContentEntry, readerPath } from '@prodigon/contracts';
import { MessageSquare } from 'lucide-react';
import { useLocation } from 'wouter';
import { Button } from '../../design/button.tsx';
import { NeighborLinks } from '../../design/neighbor-links.tsx';
import { startDraft } from '../chat/state/drafts.ts';
import { Breadcrumbs } from './breadcrumbs.tsx';
import { useContentTree } from './content-queries.ts';
import { type DocumentPlace, groupDocuments, placeOf } from './document-groups.ts';

/** The place of a document in the reading order; undefined until the list has loaded. */
export function useDocumentPlace(path: string): DocumentPlace | undefined {
  const { tree } = useContentTree();
  return tree.state === 'ready' ? placeOf(path, groupDocuments(tree.value)) : undefined;
}

/** Above a document: the path to it, and a button that starts a question about it. */
export function DocumentHeader({ place: { group, entry } }: { place: DocumentPlace }) {
  const [, navigate] = useLocation();
  const ask = () => {
    startDraft(`About “${entry.title}”: `);
    navigate('/chat');
  };
  return (
    <div className="mb-4 flex flex-wrap items-center justify-between gap-2 text-sm">
      <Breadcrumbs entries={[{ label: group.title }, { label: entry.title }]} />
      <Button variant="quiet" onClick={ask}>
        <MessageSquare aria-hidden size={16} /> Ask about this page
      </Button>
    </div>
  );
}

/** Below a document: its neighbors in the reading order. */
export function DocumentNeighbors({ place: { previous, next } }: { place: DocumentPlace }) {
  const toLink = (entry: ContentEntry | undefined) => entry && { href: readerPath(entry.path), title: entry.title };
  return <NeighborLinks previous={toLink(previous)} next={toLink(next)} />;
}
