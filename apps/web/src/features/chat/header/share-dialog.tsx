import { AppError } from '@prodigon/contracts';
import type { Conversation } from '@prodigon/contracts/conversations';
import { useState } from 'react';
import { conversationsApi } from '../../../api/conversations-api.ts';
import { Button, CopyButton } from '../../../design/button.tsx';
import { Dialog, DialogTitle } from '../../../design/dialog.tsx';
import { showConversation } from '../state/conversation-queries.ts';

interface ShareDialogProps {
  conversation: Conversation;
  onClose: () => void;
}

/** Creates and revokes the link to a copy of the conversation. */
export default function ShareDialog({ conversation, onClose }: ShareDialogProps) {
  const { id, shared } = conversation;
  const [url, setUrl] = useState<string | null>(null);
  const [failure, setFailure] = useState<string | null>(null);
  const [isBusy, setBusy] = useState(false);
  const attempt = async (action: () => Promise<void>) => {
    setBusy(true);
    setFailure(null);
    try {
      await action();
    } catch (thrown) {
      setFailure(AppError.from(thrown).message);
    }
    setBusy(false);
  };
  const create = () =>
    attempt(async () => {
      const share = await conversationsApi.share(id);
      setUrl(new URL(share.url, location.origin).href);
      showConversation({ ...conversation, shared: true });
    });
  const revoke = () =>
    attempt(async () => {
      await conversationsApi.unshare(id);
      setUrl(null);
      showConversation({ ...conversation, shared: false });
    });
  return (
    <Dialog placement="center" onClose={onClose}>
      <DialogTitle>Share this conversation</DialogTitle>
      <p className="mt-2 text-text-2">
        Anyone with the link can read a copy of the conversation as it is now, without your name. Later messages are not added.
      </p>
      {url !== null && (
        <div className="mt-4 flex items-center gap-2">
          <input
            readOnly
            aria-label="Link"
            value={url}
            className="field font-mono text-sm"
            onFocus={(event) => event.target.select()}
          />
          <CopyButton text={() => url} label="Copy link" />
        </div>
      )}
      {url === null && shared && (
        <p className="mt-3 text-sm text-text-2">
          The conversation is shared. The link was shown only once; a new link replaces it.
        </p>
      )}
      {failure !== null && (
        <p role="alert" className="mt-3 text-sm text-bad">
          {failure}
        </p>
      )}
      <div className="mt-6 flex flex-wrap justify-end gap-2">
        <Button variant="quiet" onClick={onClose}>
          Close
        </Button>
        {shared && (
          <Button disabled={isBusy} onClick={() => void revoke()}>
            Revoke link
          </Button>
        )}
        {url === null && (
          <Button variant="primary" disabled={isBusy} onClick={() => void create()}>
            {shared ? 'Create new link' : 'Create link'}
          </Button>
        )}
      </div>
    </Dialog>
  );
}
