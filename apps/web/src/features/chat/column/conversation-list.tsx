import { useInfiniteQuery } from '@tanstack/react-query';
import { useEffect, useMemo, useRef } from 'react';
import { Button } from '../../../design/button.tsx';
import { ListSkeleton } from '../../../design/skeleton.tsx';
import { type ListKind, listQuery } from '../state/conversation-queries.ts';
import { useDeletions } from '../state/deletions.ts';
import { ConversationItem } from './conversation-item.tsx';
import { groupByDay } from './date-groups.ts';
import { createUnread } from './unread.ts';

const useUnread = createUnread(localStorage);

interface ConversationListProps {
  openId: string | undefined;
  /** Whether to list the archived conversations only. */
  isArchive: boolean;
}

/** The conversations by day, the pinned ones first. Further pages load when the end comes into view. */
export function ConversationList({ openId, isArchive }: ConversationListProps) {
  const list = useConversations(isArchive ? 'archived' : 'current');
  const pinned = useConversations('pinned', !isArchive);
  const unread = useUnread((state) => state.unread);
  const end = useRef<HTMLLIElement>(null);
  const { hasNextPage, fetchNextPage } = list;

  const all = useMemo(
    () => [...(pinned.conversations ?? []), ...(list.conversations ?? [])],
    [pinned.conversations, list.conversations],
  );
  useEffect(() => useUnread.update(all, openId), [all, openId]);
  useEffect(() => {
    if (!end.current || !hasNextPage) return;
    const observer = new IntersectionObserver(([entry]) => entry?.isIntersecting && void fetchNextPage());
    observer.observe(end.current);
    return () => observer.disconnect();
  }, [hasNextPage, fetchNextPage]);

  if (!list.conversations) {
    if (!list.error) return <ListSkeleton />;
    return (
      <div role="alert" className="p-3 text-sm text-text-2">
        <p className="font-medium text-text">Could not load the conversations</p>
        <p className="mt-1 wrap-anywhere">{list.error.message}</p>
        <Button onClick={list.reload} className="mt-2">
          Retry
        </Button>
      </div>
    );
  }
  const groups = [
    ...(!isArchive && pinned.conversations?.length ? [{ label: 'Pinned', conversations: pinned.conversations }] : []),
    ...groupByDay(list.conversations, new Date()),
  ];
  if (groups.length === 0) {
    return (
      <p className="px-5 py-2 text-sm text-text-2">
        {isArchive
          ? 'No archived conversations.'
          : 'Your conversations appear here. They are kept on the server until you delete them.'}
      </p>
    );
  }
  return (
    <nav aria-label={isArchive ? 'Archived conversations' : 'Conversations'} className="min-h-0 flex-1 overflow-y-auto px-3 pb-3">
      <ul className="flex flex-col gap-4">
        {groups.map(({ label, conversations }) => (
          <li key={label}>
            <h2 className="px-3 pb-1 text-xs font-semibold text-text-2">{label}</h2>
            <ul className="flex flex-col gap-0.5">
              {conversations.map((conversation) => (
                <ConversationItem
                  key={conversation.id}
                  conversation={conversation}
                  isOpen={conversation.id === openId}
                  isUnread={unread.includes(conversation.id)}
                />
              ))}
            </ul>
          </li>
        ))}
        {hasNextPage && (
          <li ref={end} className="px-3">
            <Button variant="quiet" onClick={() => void fetchNextPage()}>
              Show more
            </Button>
          </li>
        )}
      </ul>
    </nav>
  );
}

function useConversations(kind: ListKind, isEnabled = true) {
  const query = useInfiniteQuery({ ...listQuery(kind), enabled: isEnabled });
  const deletions = useDeletions((state) => state.deletions);
  const conversations = useMemo(() => {
    const deleted = new Set(deletions.map(({ conversationId }) => conversationId));
    return query.data?.pages.flatMap((page) => page.conversations).filter(({ id }) => !deleted.has(id));
  }, [query.data, deletions]);
  return {
    conversations,
    error: query.error,
    hasNextPage: query.hasNextPage,
    fetchNextPage: query.fetchNextPage,
    reload: () => void query.refetch(),
  };
}
