import { useEffect } from 'react';
import { AnswerAnnouncer } from './answer-announcer.tsx';
import { useChat } from './chat-store.ts';
import { Composer } from './composer.tsx';
import { EmptyConversation } from './empty-conversation.tsx';
import { focusComposer } from './focus-composer.ts';
import { Transcript } from './transcript.tsx';

export function ChatPage() {
  const isEmpty = useChat(({ turns }) => turns.length === 0);
  useEffect(focusComposer, []);
  useStopOnEscape();
  return (
    <>
      {!isEmpty && <h1 className="sr-only">Conversation</h1>}
      {isEmpty ? <EmptyConversation /> : <Transcript />}
      <div className="relative mx-auto w-full max-w-190 px-4 pb-4 before:pointer-events-none before:absolute before:inset-x-0 before:-top-6 before:h-6 before:bg-linear-to-t before:from-bg sm:px-6">
        <Composer />
      </div>
      <AnswerAnnouncer />
    </>
  );
}

/** Escape stops the answer, wherever the focus is; in a dialog it closes that. */
function useStopOnEscape(): void {
  useEffect(() => {
    const onKeyDown = ({ key, isComposing }: KeyboardEvent) => {
      if (key === 'Escape' && !isComposing && !document.querySelector('dialog[open]')) useChat.getState().stop();
    };
    document.addEventListener('keydown', onKeyDown);
    return () => document.removeEventListener('keydown', onKeyDown);
  }, []);
}
