import { type ContentEntry, readerPath } from '@prodigon/contracts';
import { ArrowLeft, ArrowRight, MessageSquare } from 'lucide-react';
import { Link, useLocation } from 'wouter';
import { Button } from '../../design/button.tsx';
import { useChat } from '../chat/chat-store.ts';
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
    useChat.getState().addToDraft(`About “${entry.title}”: `);
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
  return (
    <nav aria-label="Previous and next" className="mt-12 grid gap-3 border-t border-border pt-6 sm:grid-cols-2">
      {previous ? <Neighbor entry={previous} label="Previous" /> : <span />}
      {next && <Neighbor entry={next} label="Next" />}
    </nav>
  );
}

function Neighbor({ entry: { path, title }, label }: { entry: ContentEntry; label: 'Previous' | 'Next' }) {
  const isNext = label === 'Next';
  return (
    <Link
      href={readerPath(path)}
      className={`rounded-md border border-border px-4 py-3 transition hover:border-control hover:bg-surface ${isNext ? 'text-end' : ''}`}
    >
      <span className={`flex items-center gap-1 text-sm text-text-3 ${isNext ? 'justify-end' : ''}`}>
        {!isNext && <ArrowLeft aria-hidden size={14} />} {label} {isNext && <ArrowRight aria-hidden size={14} />}
      </span>
      <span className="font-medium">{title}</span>
    </Link>
  );
}
