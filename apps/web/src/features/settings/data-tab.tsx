import { AppError } from '@prodigon/contracts';
import { useState } from 'react';
import { conversationsApi } from '../../api/conversations-api.ts';
import { Button } from '../../design/button.tsx';
import { ConfirmDialog } from '../../design/dialog.tsx';
import { downloadBlob } from '../../design/download-text.ts';
import { Panel } from '../../design/page.tsx';

const PREFIX = 'prodigon.';

/** Exports the conversations, and deletes the data that this browser stores. The platform stores conversations, jobs and usage. */
export function DataTab() {
  const [failure, setFailure] = useState<string | null>(null);
  const [isConfirming, setConfirming] = useState(false);
  return (
    <Panel title="Data">
      <ul className="divide-y divide-border">
        <li className="flex flex-wrap items-center justify-between gap-x-6 gap-y-2 px-5 py-3">
          <div>
            <h3 className="font-semibold">Conversations</h3>
            <p className="text-sm text-text-2">All conversations with all branches, one JSON object a line</p>
            {failure !== null && (
              <p role="alert" className="text-sm text-bad">
                {failure}
              </p>
            )}
          </div>
          <Button onClick={() => void exportConversations().then(setFailure)}>Export conversations</Button>
        </li>
        <li className="flex flex-wrap items-center justify-between gap-x-6 gap-y-2 px-5 py-3">
          <div>
            <h3 className="font-semibold">Data in this browser</h3>
            <p className="text-sm text-text-2">Drafts, queued questions, settings, and the API key of this tab</p>
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
          This cannot be undone. The platform keeps conversations, jobs and usage.
        </ConfirmDialog>
      )}
    </Panel>
  );
}

/** Downloads all conversations. Returns why it failed, or null. */
async function exportConversations(): Promise<string | null> {
  try {
    const chunks: Uint8Array<ArrayBuffer>[] = [];
    for await (const chunk of conversationsApi.exportAll()) chunks.push(chunk as Uint8Array<ArrayBuffer>);
    downloadBlob('conversations.jsonl', new Blob(chunks, { type: 'application/x-ndjson' }));
    return null;
  } catch (thrown) {
    return `Could not export the conversations. ${AppError.from(thrown).message}`;
  }
}

function deleteData(): void {
  for (const storage of [localStorage, sessionStorage]) {
    for (const key of Object.keys(storage).filter((key) => key.startsWith(PREFIX))) storage.removeItem(key);
  }
  location.reload();
}
