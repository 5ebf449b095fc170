import { AppError } from '@prodigon/contracts';
import { ATTACHMENT_LIMITS, attachmentSchema, createAttachmentQuerySchema } from '@prodigon/contracts/conversations';
import { createByteBudget, decodeBody, discardBody, readRequestBody } from '@prodigon/platform';
import { create as createContentDisposition } from 'content-disposition';
import type { FastifyRequest } from 'fastify';
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import type { CreateContext } from '../gateway-functions.ts';
import type { AttachmentService } from './attachment-service.ts';
import { createAttachment, deleteAttachment, downloadAttachment, getAttachment } from './attachments.operations.ts';

export interface AttachmentsRoutesOptions {
  readonly attachments: AttachmentService;
  readonly createContext: CreateContext;
}

/** Milliseconds that the upload or download of a file may take. */
const TRANSFER_MS = 600_000;
/** Of all uploads in flight. */
const UPLOAD_BYTES_MAX = 256 << 20;

/** Headers of an untrusted file: the browser saves it and executes nothing in it. */
const DOWNLOAD_HEADERS = {
  'content-security-policy': "sandbox; default-src 'none'",
  'cache-control': 'private, no-store',
} as const;

const paramsSchema = z.object({ id: z.string().meta({ format: 'uuid', description: 'The `id` of the attachment' }) });
const uuidSchema = z.uuid();

export function attachmentsRoutes({ attachments, createContext }: AttachmentsRoutesOptions): FastifyPluginAsyncZod {
  const config = { access: 'caller' } as const;
  const uploads = createByteBudget(UPLOAD_BYTES_MAX, 'Too many files are being uploaded. Try again in a moment.');

  /** Returns the id. Throws `NOT_FOUND` for anything that is not a UUID. */
  function idOf({ id }: z.infer<typeof paramsSchema>): string {
    const parsed = uuidSchema.safeParse(id);
    if (!parsed.success) throw new AppError('NOT_FOUND', 'The attachment does not exist.');
    return parsed.data;
  }

  async function readFile({ raw, headers, closers }: FastifyRequest): Promise<Buffer> {
    const { fileBytesMax } = ATTACHMENT_LIMITS;
    const tooLarge = () => new AppError('PAYLOAD_TOO_LARGE', `The file is larger than ${fileBytesMax / 2 ** 20} MB.`);
    if (Number(headers['content-length']) > fileBytesMax) throw tooLarge();
    const share = uploads.open();
    closers.push(share.close);
    const chunks: Uint8Array[] = [];
    let bytes = 0;
    for await (const chunk of decodeBody(raw, headers, fileBytesMax) ?? readRequestBody(raw)) {
      bytes += chunk.length;
      if (bytes > fileBytesMax) throw tooLarge();
      const excess = share.add(chunk.length);
      if (excess) throw excess;
      chunks.push(chunk);
    }
    return Buffer.concat(chunks);
  }

  return async (app) => {
    // The content of a file decides what it is, not its type, which browsers derive from its name.
    app.removeAllContentTypeParsers();
    app.addContentTypeParser('*', (_request, payload, done) => done(null, payload));

    app.post(
      '/api/v1/chat/attachments',
      {
        config: { ...config, isUpload: true, operation: createAttachment },
        schema: { querystring: createAttachmentQuerySchema, response: { 201: attachmentSchema } },
      },
      async (request, reply) => {
        // The unread rest of a rejected file would block the next request on this connection.
        reply.raw.once('finish', () => discardBody(request.raw));
        const { principal, signal } = createContext(request, reply, TRANSFER_MS);
        const file = { name: request.query.name, bytes: await readFile(request) };
        const attachment = await attachments.create(principal.id, file, signal);
        return reply.code(201).header('location', `/api/v1/chat/attachments/${attachment.id}`).send(attachment);
      },
    );

    app.get(
      '/api/v1/chat/attachments/:id',
      { config: { ...config, operation: getAttachment }, schema: { params: paramsSchema, response: { 200: attachmentSchema } } },
      (request, reply) => attachments.get(createContext(request, reply).principal.id, idOf(request.params)),
    );

    app.get(
      '/api/v1/chat/attachments/:id/content',
      { config: { ...config, operation: downloadAttachment }, schema: { params: paramsSchema } },
      async (request, reply) => {
        const { principal } = createContext(request, reply, TRANSFER_MS);
        const { attachment, bytes } = await attachments.content(principal.id, idOf(request.params));
        const { name, media_type: mediaType } = attachment;
        return reply
          .headers({ ...DOWNLOAD_HEADERS, 'content-disposition': createContentDisposition(name) })
          .type(mediaType === 'text/plain' ? 'text/plain; charset=utf-8' : mediaType)
          .send(bytes);
      },
    );

    app.delete(
      '/api/v1/chat/attachments/:id',
      { config: { ...config, operation: deleteAttachment }, schema: { params: paramsSchema, response: { 204: z.null() } } },
      async (request, reply) => {
        await attachments.remove(createContext(request, reply).principal.id, idOf(request.params));
        return reply.code(204).send(null);
      },
    );
  };
}
