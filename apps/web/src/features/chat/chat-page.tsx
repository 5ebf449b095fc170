import { SquarePen } from 'lucide-react';
import { useEffect } from 'react';
import { IconButton } from '../../design/button.tsx';
import { lazyPart } from '../../design/lazy-part.tsx';
import { TextSkeleton } from '../../design/skeleton.tsx';
import { useChat } from './chat-store.ts';
import { Composer, focusComposer } from './composer.tsx';
import { type ChatResponse, isRunning } from './conversation.ts';
import { startNewConversation } from './conversation-column.tsx';
import { EmptyConversation } from './empty-conversation.tsx';
import { errorMessage } from './error-messages.ts';
import { useModelOfLastVisit } from './model-parameter.ts';

/** Includes the Markdown renderer, which an empty conversation does not need. */
const Transcript = lazyPart(() => import('./transcript.tsx'), { skeleton: TextSkeleton });

export function ChatPage() {
  const isEmpty = useChat(({ turns }) => turns.length === 0);
  useEffect(focusComposer, []);
  useEffect(() => void Transcript.preload(), []);
  useModelOfLastVisit();
  useStopOnEscape();
  return (
    <>
      {!isEmpty && (
        <>
          <h1 className="sr-only">Conversation</h1>
          <div className="absolute top-3 right-5 z-10 max-lg:hidden">
            <IconButton label="New conversation" onClick={startNewConversation}>
              <SquarePen aria-hidden size={18} />
            </IconButton>
          </div>
        </>
      )}
      {isEmpty ? <EmptyConversation /> : <Transcript />}
      <div className="relative mx-auto w-full max-w-190 px-4 pb-4 before:pointer-events-none before:absolute before:inset-x-0 before:-top-6 before:h-6 before:bg-linear-to-t before:from-bg sm:px-6">
        <Composer />
      </div>
      <ResponseAnnouncer />
    </>
  );
}

/** Escape stops the response wherever the focus is. Dialogs and the model picker handle it first. */
function useStopOnEscape(): void {
  useEffect(() => {
    const onKeyDown = ({ key, isComposing, defaultPrevented }: KeyboardEvent) => {
      if (key === 'Escape' && !isComposing && !defaultPrevented) useChat.getState().stop();
    };
    document.addEventListener('keydown', onKeyDown);
    return () => document.removeEventListener('keydown', onKeyDown);
  }, []);
}

/** Announces the state of the latest response to screen readers, but not its text. */
function ResponseAnnouncer() {
  const response = useChat(({ turns }) => turns.findLast((turn) => turn.response.state !== 'queued')?.response);
  return (
    <div className="sr-only">
      <p role="status">{response ? statusAnnouncement(response) : ''}</p>
      <p role="alert">{response ? errorAnnouncement(response) : ''}</p>
    </div>
  );
}

function statusAnnouncement(response: ChatResponse): string {
  if (isRunning(response)) return 'Generating';
  if (response.state === 'stopped') return 'Stopped';
  return response.state === 'done' ? `Response complete, ${response.text.split(/\s+/).filter(Boolean).length} words` : '';
}

function errorAnnouncement(response: ChatResponse): string {
  if (response.state === 'interrupted') return 'Connection lost before the response was complete';
  if (response.state !== 'failed' || !response.failure) return '';
  const { title, detail } = errorMessage(response.failure);
  return `${title}. ${detail}`;
}
