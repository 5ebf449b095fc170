import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { Link } from 'wouter';
import { Button } from '../../../design/button.tsx';
import { formatCountOf } from '../../../design/format.ts';
import { conversationPath } from '../chat-location.ts';
import { searchQuery } from '../state/conversation-queries.ts';

/** The conversations that contain the words of a search. Results of an earlier search stay until those of the latest arrive. */
export function SearchResults({ text }: { text: string }) {
  const { data, error, refetch, isPlaceholderData } = useQuery({ ...searchQuery(text), placeholderData: keepPreviousData });
  if (error) {
    return (
      <div role="alert" className="p-3 text-sm text-text-2">
        <p className="text-bad">The search failed. {error.message}</p>
        <Button onClick={() => void refetch()} className="mt-2">
          Retry
        </Button>
      </div>
    );
  }
  const results = data?.results ?? [];
  return (
    <nav aria-label="Search results" aria-busy={isPlaceholderData || !data} className="min-h-0 flex-1 overflow-y-auto px-3 pb-3">
      <ul className="flex flex-col gap-1">
        {results.map(({ conversation, excerpt, message_id }) => (
          <li key={conversation.id}>
            <Link
              href={`${conversationPath(conversation.id)}${message_id === null ? '' : `#${message_id}`}`}
              className="block rounded-sm px-3 py-2 text-sm hover:bg-surface-2 focus-visible:-outline-offset-2"
            >
              <span dir="auto" className="block truncate font-medium">
                {conversation.title || 'New conversation'}
              </span>
              <span dir="auto" className="line-clamp-3 text-text-2 wrap-anywhere">
                {excerpt.map((piece, index) =>
                  piece.match ? (
                    // biome-ignore lint/suspicious/noArrayIndexKey: the pieces of an excerpt never change.
                    <mark key={index} className="bg-accent-soft font-medium text-accent">
                      {piece.text}
                    </mark>
                  ) : (
                    piece.text
                  ),
                )}
              </span>
            </Link>
          </li>
        ))}
      </ul>
      <p role="status" className={results.length > 0 ? 'sr-only' : 'px-3 py-2 text-sm text-text-2'}>
        {data && !isPlaceholderData ? (results.length > 0 ? formatCountOf(results.length, 'result') : 'No results') : 'Searching'}
      </p>
    </nav>
  );
}
