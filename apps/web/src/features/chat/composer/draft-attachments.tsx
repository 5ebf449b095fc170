import { FileText, X } from 'lucide-react';
import { conversationsApi } from '../../../api/conversations-api.ts';
import { IconButton } from '../../../design/button.tsx';
import { AttachmentImage } from '../attachment-image.tsx';
import { focusComposer } from '../focus-composer.ts';
import { useDrafts } from '../state/drafts.ts';
import type { AttachmentLabel } from '../state/live-turn.ts';
import { formatBytes } from './format-bytes.ts';
import { removeUpload } from './upload-attachments.ts';
import { type Upload, useUploads } from './uploads.ts';

const NONE: never[] = [];

/** The attachments of the draft and the files that are being uploaded. */
export default function DraftAttachments({ conversationKey }: { conversationKey: string }) {
  const attachments = useDrafts(({ drafts }) => drafts[conversationKey]?.attachments) ?? NONE;
  const uploads = useUploads((state) => state.uploads[conversationKey]) ?? NONE;
  const remove = ({ id }: AttachmentLabel) => {
    useDrafts.getState().setAttachments(conversationKey, (before) => before.filter((each) => each.id !== id));
    void conversationsApi.attachments.remove(id).catch(() => {});
    focusComposer();
  };
  const cancel = ({ key }: Upload) => {
    removeUpload(conversationKey, key);
    focusComposer();
  };
  return (
    <ul aria-label="Attachments" className="flex max-h-40 flex-wrap gap-2 overflow-y-auto p-3 pb-0">
      {attachments.map((attachment) => (
        <li key={attachment.id} className="flex max-w-64 items-center gap-2 rounded-md border border-border py-1 ps-2 text-sm">
          {attachment.kind === 'image' ? (
            <AttachmentImage id={attachment.id} name={attachment.name} className="size-8 rounded-sm object-cover" />
          ) : (
            <FileText aria-hidden size={16} className="shrink-0 text-text-3" />
          )}
          <span className="min-w-0">
            <span className="block truncate">{attachment.name}</span>
            <span className="tabular block text-xs text-text-3">{formatBytes(attachment.bytes)}</span>
          </span>
          <IconButton label={`Remove ${attachment.name}`} onClick={() => remove(attachment)}>
            <X aria-hidden size={16} />
          </IconButton>
        </li>
      ))}
      {uploads.map((upload) => (
        <li key={upload.key} className="flex max-w-80 items-center gap-2 rounded-md border border-border py-1 ps-2 text-sm">
          <span className="min-w-0">
            <span className="block truncate">{upload.name}</span>
            {upload.failure === null ? (
              <progress
                aria-label={`Uploading ${upload.name}`}
                max={upload.bytes}
                value={upload.sentBytes}
                className="h-1 w-32 accent-accent"
              />
            ) : (
              <span role="alert" className="block text-xs text-bad wrap-anywhere">
                {upload.failure}
              </span>
            )}
          </span>
          <IconButton label={`Remove ${upload.name}`} onClick={() => cancel(upload)}>
            <X aria-hidden size={16} />
          </IconButton>
        </li>
      ))}
    </ul>
  );
}
