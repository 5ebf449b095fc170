import type { AppError } from '@prodigon/contracts';
import type { Conversation } from '@prodigon/contracts/conversations';
import { type InfiniteData, infiniteQueryOptions, queryOptions } from '@tanstack/react-query';
import { conversationsApi } from '../../../api/conversations-api.ts';
import { queryClient, queryFn } from '../../../api/query-client.ts';
import { isRunning } from './chat-response.ts';
import { type ConversationView, mergeEarlier, mergeLatest } from './conversation-view.ts';
import { liveTurnOf } from './live-turn.ts';

/** Messages of the first page, which is on the screen soon, and of the pages before it. */
const LATEST_MESSAGES = 40;
const EARLIER_MESSAGES = 200;
const LIST_PAGE = 50;

const LISTS_KEY = ['conversations'] as const;
const viewKeyOf = (conversationId: string) => ['conversation', conversationId] as const;

type ListPage = Awaited<ReturnType<typeof conversationsApi.list>>;
export type ListKind = 'current' | 'pinned' | 'archived';

const FILTERS = {
  current: { archived: 'false', pinned: 'false' },
  pinned: { archived: 'false', pinned: 'true' },
  archived: { archived: 'true' },
} as const;

export function listQuery(kind: ListKind) {
  return infiniteQueryOptions({
    queryKey: [...LISTS_KEY, kind],
    queryFn: ({ pageParam, signal }) =>
      queryFn((timed) =>
        conversationsApi.list({ limit: LIST_PAGE, ...FILTERS[kind], ...(pageParam !== null && { after: pageParam }) }, timed),
      )({ signal }),
    initialPageParam: null as string | null,
    getNextPageParam: ({ nextAfter }: ListPage) => nextAfter,
  });
}

export function searchQuery(text: string) {
  return queryOptions({
    queryKey: [...LISTS_KEY, 'search', text],
    queryFn: queryFn((signal) => conversationsApi.search({ q: text }, signal)),
    enabled: text !== '',
    staleTime: 10_000,
  });
}

export function viewQuery(conversationId: string) {
  return queryOptions<ConversationView, AppError>({
    queryKey: viewKeyOf(conversationId),
    queryFn: queryFn(async (signal) => {
      const detail = await conversationsApi.get(conversationId, { limit: LATEST_MESSAGES }, signal);
      const cached = cachedView(conversationId);
      // The gateway may have stored the question of a turn that has not started here, where it would appear twice.
      return cached && isPending(conversationId) ? cached : mergeLatest(cached, detail);
    }),
  });
}

function isPending(conversationId: string): boolean {
  const turn = liveTurnOf(conversationId);
  return turn !== undefined && turn.messageId === null && isRunning(turn.response);
}

export function cachedView(conversationId: string): ConversationView | undefined {
  return queryClient.getQueryData(viewQuery(conversationId).queryKey);
}

export function changeView(conversationId: string, change: (view: ConversationView) => ConversationView): void {
  const { queryKey } = viewQuery(conversationId);
  const before = queryClient.getQueryData(queryKey);
  if (!before) return;
  // A response that is still on its way may be older.
  void queryClient.cancelQueries({ queryKey, exact: true });
  queryClient.setQueryData(queryKey, change(before));
}

/** Loads the end of a conversation again, if it has been opened. */
export async function refreshView(conversationId: string): Promise<void> {
  await queryClient.invalidateQueries({ queryKey: viewKeyOf(conversationId), exact: true }).catch(() => {});
}

/** Loads all earlier messages of a conversation, page by page. */
export async function loadEarlier(conversationId: string, signal: AbortSignal): Promise<void> {
  for (;;) {
    const before = cachedView(conversationId);
    const first = before?.messages[0];
    if (!before?.hasEarlier || !first || signal.aborted) return;
    const page = await conversationsApi.get(conversationId, { before: first.id, limit: EARLIER_MESSAGES }, signal);
    const view = cachedView(conversationId);
    // Another branch may have been chosen meanwhile.
    if (view?.messages[0]?.id !== first.id) continue;
    queryClient.setQueryData(viewQuery(conversationId).queryKey, mergeEarlier(view, page));
  }
}

export function refreshLists(): void {
  void queryClient.invalidateQueries({ queryKey: LISTS_KEY });
}

/** Changes the conversations in all loaded lists. */
function changeLists(change: (conversations: readonly Conversation[]) => Conversation[]): void {
  const changePage = (page: ListPage): ListPage => ({ ...page, conversations: change(page.conversations) });
  for (const kind of Object.keys(FILTERS) as ListKind[]) {
    queryClient.setQueryData<InfiniteData<ListPage>>(
      [...LISTS_KEY, kind],
      (data) => data && { ...data, pages: data.pages.map(changePage) },
    );
  }
}

/** Shows a changed conversation everywhere, before the lists are loaded again. */
export function showConversation(conversation: Conversation): void {
  changeView(conversation.id, (view) => ({ ...view, conversation }));
  changeLists((all) => all.map((each) => (each.id === conversation.id ? conversation : each)));
  refreshLists();
}

/** Removes a deleted conversation everywhere, before the lists are loaded again. */
export function forgetConversation(conversationId: string): void {
  queryClient.removeQueries({ queryKey: viewKeyOf(conversationId) });
  changeLists((all) => all.filter(({ id }) => id !== conversationId));
  refreshLists();
}

/** Changes a conversation. Throws an `AppError`. */
export async function updateConversation(
  conversationId: string,
  changes: Parameters<typeof conversationsApi.update>[1],
): Promise<void> {
  showConversation(await conversationsApi.update(conversationId, changes));
}
