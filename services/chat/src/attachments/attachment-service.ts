import { createHash, randomUUIDv7 } from 'node:crypto';
import { AppError, cutText } from '@prodigon/contracts';
import { ATTACHMENT_LIMITS, type Attachment } from '@prodigon/contracts/conversations';
import type { AttachmentStore, FileStore, NewAttachment, StoredAttachment } from '@prodigon/ports';
import { detectFileType } from './detect-file-type.ts';
import { cleanImage } from './images/clean-image.ts';
import type { ReadPdfText } from './pdf-text.ts';

export interface AttachmentServiceOptions {
  readonly attachments: AttachmentStore;
  readonly files: FileStore;
  readonly readPdfText: ReadPdfText;
}

export interface AttachmentService {
  /** Stores a file under the type of its content, images without metadata. Throws `UNSUPPORTED_MEDIA_TYPE` and `VALIDATION_ERROR`. */
  create(ownerId: string, file: { name: string; bytes: Buffer }, signal: AbortSignal): Promise<Attachment>;
  get(ownerId: string, attachmentId: string): Promise<Attachment>;
  content(ownerId: string, attachmentId: string): Promise<{ attachment: Attachment; bytes: Uint8Array }>;
  /** Deletes an attachment that no message uses. Its file follows later. */
  remove(ownerId: string, attachmentId: string): Promise<void>;
}

type Content = Pick<NewAttachment, 'kind' | 'media_type' | 'text' | 'width' | 'height'> & { readonly stored: Buffer };

export function createAttachmentService({ attachments, files, readPdfText }: AttachmentServiceOptions): AttachmentService {
  async function contentOf(bytes: Buffer, signal: AbortSignal): Promise<Content> {
    if (bytes.length === 0) throw new AppError('VALIDATION_ERROR', 'The file is empty.');
    const type = await detectFileType(bytes);
    const common = { media_type: type.mediaType, width: null, height: null, stored: bytes };
    switch (type.kind) {
      case 'text':
        return { ...common, kind: 'text', text: limitText(bytes.toString('utf8')) };
      case 'pdf':
        return { ...common, kind: 'text', text: limitText(await readPdfText(bytes, signal)) };
      case 'image': {
        const { bytes: stored, width, height } = cleanImage(bytes, type.mediaType);
        return { ...common, kind: 'image', text: null, stored, width, height };
      }
    }
  }

  return {
    async create(ownerId, { name, bytes }, signal) {
      const { stored, ...content } = await contentOf(bytes, signal);
      const sha256 = createHash('sha256').update(stored).digest('hex');
      const characters = content.text === null ? null : content.text.length;
      const id = randomUUIDv7();
      // The row comes first: a row without a file disappears after a day, but nothing would find a file without a row.
      const attachment = await attachments.create({ id, ownerId, name, ...content, bytes: stored.length, characters, sha256 });
      try {
        await files.write(ownerId, sha256, stored);
      } catch (error) {
        await attachments.remove(ownerId, id).catch(() => {});
        throw error;
      }
      return attachment;
    },
    get: async (ownerId, attachmentId) => withoutText(await attachments.get(ownerId, attachmentId)),
    async content(ownerId, attachmentId) {
      const { sha256, ...attachment } = await attachments.get(ownerId, attachmentId);
      return { attachment, bytes: await files.read(ownerId, sha256) };
    },
    remove: (ownerId, attachmentId) => attachments.remove(ownerId, attachmentId),
  };
}

const withoutText = ({ sha256: _sha256, text: _text, ...attachment }: StoredAttachment): Attachment => attachment;

/** Returns the text that a model receives, without a byte order mark. */
const limitText = (text: string) => cutText(text.replace(/^\ufeff/, ''), ATTACHMENT_LIMITS.textCharactersMax, '');
