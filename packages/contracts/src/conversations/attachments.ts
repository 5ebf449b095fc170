import { z } from 'zod';
import { storable } from '../storable-text.ts';

export const ATTACHMENT_LIMITS = {
  fileBytesMax: 20 * 1024 * 1024,
  nameCharactersMax: 255,
  /** Characters of the text of one file that a model receives. */
  textCharactersMax: 1_000_000,
  /** Width and height of an image, which the file declares. */
  imageSideMax: 16_384,
  imagePixelsMax: 50_000_000,
  /** Bytes of the attachments of one owner. */
  ownerBytesMax: 2 * 1024 * 1024 * 1024,
} as const;

/** `text`: the model receives the text of the file. `image`: the model receives the image. */
export const attachmentKindSchema = z.enum(['text', 'image']);
export type AttachmentKind = z.infer<typeof attachmentKindSchema>;

/** Query of POST `/api/v1/chat/attachments`. The body is the file. */
export const createAttachmentQuerySchema = z.strictObject({
  name: storable(z.string().trim().min(1).max(ATTACHMENT_LIMITS.nameCharactersMax)).describe('Name of the file'),
});

export const attachmentSchema = z
  .object({
    id: z.uuid(),
    name: z.string(),
    kind: attachmentKindSchema,
    media_type: z.string().describe('By the content of the file, not by its name'),
    bytes: z.int(),
    characters: z.int().nullable().describe('Length of the text that the model receives; null for images'),
    width: z.int().nullable(),
    height: z.int().nullable(),
    created_at: z.iso.datetime(),
  })
  .meta({ id: 'Attachment' });
export type Attachment = z.infer<typeof attachmentSchema>;
