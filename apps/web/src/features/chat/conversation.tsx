import { useQuery } from '@tanstack/react-query';
import { useEffect } from 'react';
import { usePageTitle } from '../../design/browser-hooks.ts';
import { Button, ButtonLink } from '../../design/button.tsx';
import { Notice } from '../../design/notice.tsx';
import { TextSkeleton } from '../../design/skeleton.tsx';
import { ConversationHeader } from './header/conversation-header.tsx';
import { ResponseAnnouncer } from './response-announcer.tsx';
import { preloadMarkdown } from './response-text.tsx';
import { loadEarlier, viewQuery } from './state/conversation-queries.ts';
import type { ConversationView } from './state/conversation-view.ts';
import { NEW_CONVERSATION, useLiveTurns } from './state/live-turn.ts';
import { OpenConversationContext } from './state/open-conversation.ts';
import { turns } from './state/turns.ts';
import { Transcript } from './transcript.tsx';

preloadMarkdown();

interface ConversationProps {
  /** `new` while the conversation of a first question is being created. */
  conversationKey: string;
}

/** A conversation with its header. */
export default function Conversation({ conversationKey }: ConversationProps) {
  const isNew = conversationKey === NEW_CONVERSATION;
  const { data: view, error, refetch } = useQuery({ ...viewQuery(conversationKey), enabled: !isNew });
  const hasLiveTurn = useLiveTurns((state) => state.turns[conversationKey] !== undefined);
  usePageTitle(view?.conversation.title || 'Chat');
  useRunningResponse(view);
  useEarlierMessages(view);

  if (!view && !hasLiveTurn && error) {
    const isMissing = error.code === 'CONVERSATION_NOT_FOUND' || error.code === 'VALIDATION_ERROR';
    return (
      <div className="m-auto w-full max-w-190 px-4 py-8 sm:px-6">
        <h1 className="sr-only">Conversation</h1>
        <Notice
          severity="bad"
          title={isMissing ? 'Conversation not found' : 'Could not load the conversation'}
          actions={
            <>
              {!isMissing && <Button onClick={() => void refetch()}>Retry</Button>}
              <ButtonLink href="/chat">New chat</ButtonLink>
            </>
          }
        >
          {isMissing ? 'It may have been deleted.' : error.message}
        </Notice>
      </div>
    );
  }
  if (!view && !hasLiveTurn) return <TextSkeleton />;
  return (
    <OpenConversationContext.Provider value={{ key: conversationKey, view }}>
      {view ? <ConversationHeader conversation={view.conversation} /> : <h1 className="sr-only">New conversation</h1>}
      <Transcript />
      <ResponseAnnouncer />
    </OpenConversationContext.Provider>
  );
}

/** Reads the response that the server receives for this conversation, also when another tab has asked for it. */
function useRunningResponse(view: ConversationView | undefined): void {
  const id = view?.conversation.id;
  const streaming = view?.messages.findLast(({ status }) => status === 'streaming');
  useEffect(() => {
    if (id !== undefined && streaming) turns.attach(id, streaming);
  }, [id, streaming]);
}

/** Loads the earlier messages after the latest ones are on the screen. */
function useEarlierMessages(view: ConversationView | undefined): void {
  const id = view?.conversation.id;
  const hasEarlier = view?.hasEarlier ?? false;
  useEffect(() => {
    if (id === undefined || !hasEarlier) return;
    const controller = new AbortController();
    const load = () => void loadEarlier(id, controller.signal).catch(() => {});
    const handle = 'requestIdleCallback' in window ? requestIdleCallback(load) : undefined;
    if (handle === undefined) load();
    return () => {
      if (handle !== undefined) cancelIdleCallback(handle);
      controller.abort();
    };
  }, [id, hasEarlier]);
}
