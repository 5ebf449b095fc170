import { SquarePen } from 'lucide-react';
import { Button } from '../../design/button.tsx';
import { useChat } from './chat-store.ts';
import { focusComposer } from './composer.tsx';
import { shownList } from './shown-list.ts';

export function startNewConversation(): void {
  useChat.getState().startNew();
  focusComposer();
}

/** The context column of the chat: the questions of the conversation. */
export function ConversationColumn() {
  const turns = useChat((state) => state.turns);
  return (
    <div className="flex h-full flex-col gap-4 p-3">
      {/* Wide screens have the button above the conversation. */}
      <Button onClick={startNewConversation} className="w-full lg:hidden" disabled={turns.length === 0}>
        <SquarePen aria-hidden size={16} /> New conversation
      </Button>
      {turns.length === 0 ? (
        <p className="px-2 text-sm text-text-3">Your questions appear here. Closing this tab deletes the conversation.</p>
      ) : (
        <nav aria-label="Questions" className="min-h-0 overflow-y-auto">
          <ol>
            {turns.map(({ id, prompt }) => (
              <li key={id}>
                <button
                  type="button"
                  onClick={() => shownList.current?.scrollToMessage(id)}
                  className="target block w-full truncate rounded-sm px-3 py-1.5 text-left text-sm text-text-2 transition hover:bg-surface-2 hover:text-text focus-visible:-outline-offset-2"
                >
                  {prompt}
                </button>
              </li>
            ))}
          </ol>
        </nav>
      )}
    </div>
  );
}
