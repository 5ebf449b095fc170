import { cutText } from '@prodigon/contracts';
import type { AttachmentStore, FileStore, StoredAttachment } from '@prodigon/ports';
import { codeBlock } from '../code-block.ts';
import type { AttachmentPart, ContentPart, ReadAttachments } from '../turns/conversation-history.ts';

/**
 * Creates the function that returns what a model receives of attachments: the text of a file in a code block with its name,
 * and an image as a data URL, which a provider refuses if its model takes no images. Offline models receive a note instead.
 */
export function createAttachmentReader({
  attachments,
  files,
}: {
  attachments: Pick<AttachmentStore, 'getAll'>;
  files: Pick<FileStore, 'read'>;
}): ReadAttachments {
  async function contentOf(
    attachment: StoredAttachment,
    { ownerId, isOffline, charactersMax }: { ownerId: string; isOffline: boolean; charactersMax: number },
  ): Promise<ContentPart> {
    const { name, text, media_type: mediaType, sha256 } = attachment;
    if (text !== null) return textPart(describeText(name, text, charactersMax));
    if (isOffline) return textPart(`[The image “${name}” is attached. Offline models do not see images.]`);
    const bytes = await files.read(ownerId, sha256);
    return { type: 'image_url', image_url: { url: `data:${mediaType};base64,${Buffer.from(bytes).toString('base64')}` } };
  }

  return async (parts, { ownerId, isOffline, charactersMax }) => {
    const found = await attachments.getAll(
      ownerId,
      parts.flatMap(({ attachment_id: id }) => id ?? []),
    );
    const byId = new Map(found.map((attachment) => [attachment.id, attachment]));
    const content: ContentPart[] = [];
    let left = charactersMax;
    for (const part of parts) {
      const attachment = part.attachment_id === null ? undefined : byId.get(part.attachment_id);
      const next = attachment ? await contentOf(attachment, { ownerId, isOffline, charactersMax: left }) : missing(part);
      left = Math.max(0, left - (next.text?.length ?? 0));
      content.push(next);
    }
    return content;
  };
}

const textPart = (text: string): ContentPart => ({ type: 'text', text });
const missing = ({ name }: AttachmentPart): ContentPart => textPart(`[The content of the file “${name}” is not available.]`);

/** Room for the name, the fences and the note of a file. */
const OVERHEAD_CHARACTERS = 500;

function describeText(name: string, text: string, charactersMax: number): string {
  const available = Math.max(0, charactersMax - OVERHEAD_CHARACTERS);
  const shown = cutText(text, available, '');
  const note =
    shown.length < text.length ? `\n\n[Only the first ${shown.length} of ${text.length} characters of this file fit.]` : '';
  return `File “${name}”:\n\n${codeBlock(shown)}${note}`;
}
