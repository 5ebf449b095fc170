import { useState } from 'react';
import { Button } from '../../design/button.tsx';
import { ConfirmDialog } from '../../design/dialog.tsx';
import { downloadText } from '../../design/download-text.ts';
import { Panel } from '../../design/page.tsx';
import { useChat } from '../chat/chat-store.ts';
import { exportConversation } from '../chat/conversation-export.ts';

const PREFIX = 'prodigon.';

/** Exports and deletes the data that this browser stores. The platform stores jobs and usage. */
export function DataTab() {
  const hasTurns = useChat(({ turns }) => turns.length > 0);
  const [isConfirming, setConfirming] = useState(false);
  return (
    <Panel title="Data in this browser">
      <ul className="divide-y divide-border">
        <li className="flex flex-wrap items-center justify-between gap-x-6 gap-y-2 px-5 py-3">
          <div>
            <h3 className="font-semibold">Conversation</h3>
            <p className="text-sm text-text-2">
              {hasTurns ? 'The questions and responses of this tab, as JSON' : 'No conversation yet'}
            </p>
          </div>
          <Button
            disabled={!hasTurns}
            onClick={() => downloadText('conversation.json', exportConversation(useChat.getState().turns), 'application/json')}
          >
            Export conversation
          </Button>
        </li>
        <li className="flex flex-wrap items-center justify-between gap-x-6 gap-y-2 px-5 py-3">
          <div>
            <h3 className="font-semibold">All data</h3>
            <p className="text-sm text-text-2">Conversation, drafts, settings, and the API key of this tab</p>
          </div>
          <Button onClick={() => setConfirming(true)}>Delete data</Button>
        </li>
      </ul>
      {isConfirming && (
        <ConfirmDialog
          title="Delete all data in this browser?"
          action="Delete data"
          onConfirm={deleteData}
          onClose={() => setConfirming(false)}
        >
          This cannot be undone. The platform keeps jobs and usage.
        </ConfirmDialog>
      )}
    </Panel>
  );
}

/** Also resets the chat, which would otherwise save its state again when the page unloads. */
function deleteData(): void {
  const chat = useChat.getState();
  chat.startNew();
  chat.setDraft('');
  for (const storage of [localStorage, sessionStorage]) {
    for (const key of Object.keys(storage).filter((key) => key.startsWith(PREFIX))) storage.removeItem(key);
  }
  location.reload();
}
