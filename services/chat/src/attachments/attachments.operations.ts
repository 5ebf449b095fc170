import { ATTACHMENT_LIMITS, type Attachment, attachmentSchema } from '@prodigon/contracts/conversations';
import { type Operation, SERVICE_ERRORS } from '@prodigon/platform';
import { z } from 'zod';

const attachment: Attachment = {
  id: '01989f3e-2a54-7c3b-9d0e-6f2b8a1c4d5e',
  name: 'notes.md',
  kind: 'text',
  media_type: 'text/plain',
  bytes: 1_204,
  characters: 1_204,
  width: null,
  height: null,
  created_at: '2026-03-01T09:30:00.000Z',
};
const tag = 'conversations';
const file = { schema: z.string().meta({ format: 'binary' }), examples: { text: '# Backpressure\n' } };
/** A file has the type of its content. */
const files = Object.fromEntries(
  ['text/plain', 'application/pdf', 'image/png', 'image/jpeg', 'image/webp', 'image/gif'].map((mediaType) => [mediaType, file]),
);
const content = { 'application/json': { schema: attachmentSchema, examples: { attachment } } };
const errors = ['NOT_FOUND', ...SERVICE_ERRORS] as const;

export const createAttachment = {
  operationId: 'createAttachment',
  tag,
  summary: 'Upload an attachment',
  description: [
    `Send a file of at most ${ATTACHMENT_LIMITS.fileBytesMax / 2 ** 20} MB as the body: UTF-8 text, a PDF, or an image (PNG, JPEG, WebP or GIF). The content decides the type, not the name or the media type of the request.`,
    'The model receives the text of a text file or a PDF, and the image itself. Metadata of images, such as places, is removed. Use the `id` as one of the `attachment_ids` of a turn. An attachment that no message uses is deleted after a day.',
  ].join('\n\n'),
  body: { 'application/octet-stream': file },
  responses: { 201: { description: 'The attachment', content, headers: ['Location'] } },
  errors: ['INSUFFICIENT_STORAGE', ...SERVICE_ERRORS],
} satisfies Operation;

export const getAttachment = {
  operationId: 'getAttachment',
  tag,
  summary: 'Retrieve an attachment',
  description: 'Returns the name, the type and the size of an attachment.',
  responses: { 200: { description: 'The attachment', content } },
  errors,
} satisfies Operation;

export const downloadAttachment = {
  operationId: 'downloadAttachment',
  tag,
  summary: 'Download an attachment',
  description: 'Returns the file, which browsers save and do not show.',
  responses: {
    200: { description: 'The file', headers: ['Content-Disposition'], content: files },
  },
  errors,
} satisfies Operation;

export const deleteAttachment = {
  operationId: 'deleteAttachment',
  tag,
  summary: 'Delete an attachment',
  description: 'Deletes an attachment that no message uses. Attachments of messages are deleted with their conversation.',
  responses: { 204: { description: 'The attachment is deleted' } },
  errors: ['CONFLICT', ...errors],
} satisfies Operation;
