import { useEffect } from 'react';
import { lazyPart } from '../../design/lazy-part.tsx';
import { TextSkeleton } from '../../design/skeleton.tsx';
import { conversationPath, rememberChat } from './chat-location.ts';
import { Composer } from './composer.tsx';
import { EmptyConversation } from './empty-conversation.tsx';
import { focusComposer } from './focus-composer.ts';
import { useModelOfLastVisit } from './model-parameter.ts';
import { isRunningIn, NEW_CONVERSATION, useLiveTurns } from './state/live-turn.ts';
import { stopResponse } from './state/load-turns.ts';

/** Includes the client for conversations and the Markdown renderer, which the first paint of a new chat does not need. */
const Conversation = lazyPart(() => import('./conversation.tsx'), { skeleton: TextSkeleton });
/** Keeps the conversations up to date. A failed download leaves them as they are. */
const ChatSync = lazyPart(() => import('./chat-sync.tsx'), { failure: 'skeleton' });
const ChatToasts = lazyPart(() => import('./chat-toasts.tsx'), { failure: 'skeleton' });

interface ChatPageProps {
  /** Undefined for a new chat. */
  conversationId: string | undefined;
}

export function ChatPage({ conversationId }: ChatPageProps) {
  const conversationKey = conversationId ?? NEW_CONVERSATION;
  const isStarting = useLiveTurns(({ turns }) => turns[NEW_CONVERSATION] !== undefined);
  // biome-ignore lint/correctness/useExhaustiveDependencies: each conversation starts with the focus in the composer.
  useEffect(focusComposer, [conversationKey]);
  useEffect(() => void Conversation.preload(), []);
  useEffect(() => rememberChat(conversationPath(conversationKey)), [conversationKey]);
  useModelOfLastVisit(conversationId === undefined);
  useStopOnEscape(conversationKey);
  return (
    <>
      {conversationId === undefined && !isStarting ? (
        <EmptyConversation />
      ) : (
        <Conversation key={conversationKey} conversationKey={conversationKey} />
      )}
      <div className="relative mx-auto w-full max-w-190 px-4 pb-4 before:pointer-events-none before:absolute before:inset-x-0 before:-top-6 before:h-6 before:bg-linear-to-t before:from-bg sm:px-6">
        <Composer conversationKey={conversationKey} />
      </div>
      <ChatSync conversationId={conversationId} />
      <ChatToasts />
    </>
  );
}

/** Escape stops the response wherever the focus is. Dialogs and menus handle it first. */
function useStopOnEscape(conversationKey: string): void {
  useEffect(() => {
    const onKeyDown = ({ key, isComposing, defaultPrevented }: KeyboardEvent) => {
      if (key !== 'Escape' || isComposing || defaultPrevented) return;
      if (isRunningIn(useLiveTurns.getState().turns, conversationKey)) void stopResponse(conversationKey);
    };
    document.addEventListener('keydown', onKeyDown);
    return () => document.removeEventListener('keydown', onKeyDown);
  }, [conversationKey]);
}
