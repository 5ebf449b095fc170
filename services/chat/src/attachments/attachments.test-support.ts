import { Buffer } from 'node:buffer';
import { crc32 } from 'node:zlib';
import { AppError, LOCAL_OWNER } from '@prodigon/contracts';
import {
  createCallContext,
  createCallScope,
  createHttpServer,
  createLifecycle,
  createLogger,
  createMetrics,
} from '@prodigon/platform';
import type { AttachmentStore, FileStore, StoredAttachment } from '@prodigon/ports';
import type { FastifyPluginAsync, FastifyReply, FastifyRequest } from 'fastify';
import { onTestFinished } from 'vitest';
import { createAttachmentService } from './attachment-service.ts';
import { attachmentsRoutes } from './attachments.routes.ts';
import type { ReadPdfText } from './pdf-text.ts';

/** Keeps attachments as PostgreSQL does. `used` are the ids that messages use. */
export function createMemoryAttachments(): AttachmentStore & {
  readonly used: Set<string>;
  readonly deleted: { ownerId: string; sha256: string }[];
} {
  const rows = new Map<string, StoredAttachment & { ownerId: string }>();
  const used = new Set<string>();
  const deleted: { ownerId: string; sha256: string }[] = [];
  const get = async (ownerId: string, id: string) => {
    const row = rows.get(id);
    if (row?.ownerId !== ownerId) throw new AppError('NOT_FOUND');
    const { ownerId: _, ...attachment } = row;
    return attachment;
  };
  return {
    used,
    deleted,
    get,
    async create(attachment) {
      const row = { ...attachment, created_at: '2026-03-01T09:30:00.000Z' };
      rows.set(attachment.id, row);
      const { ownerId: _owner, sha256: _sha256, text: _text, ...created } = row;
      return created;
    },
    getAll: async (ownerId, ids) =>
      Promise.all(ids.filter((id) => rows.get(id)?.ownerId === ownerId).map((id) => get(ownerId, id))),
    async remove(ownerId, id) {
      const { sha256 } = await get(ownerId, id);
      if (used.has(id)) throw new AppError('CONFLICT');
      rows.delete(id);
      deleted.push({ ownerId, sha256 });
    },
    async takeDeletedFiles(remove) {
      for (const file of deleted.splice(0)) await remove(file);
    },
  };
}

export function createMemoryFiles(): FileStore & { readonly stored: Map<string, Uint8Array> } {
  const stored = new Map<string, Uint8Array>();
  return {
    stored,
    write: async (ownerId, sha256, bytes) => void stored.set(`${ownerId} ${sha256}`, bytes),
    async read(ownerId, sha256) {
      const bytes = stored.get(`${ownerId} ${sha256}`);
      if (!bytes) throw new AppError('NOT_FOUND');
      return bytes;
    },
    remove: async (ownerId, sha256) => void stored.delete(`${ownerId} ${sha256}`),
  };
}

/** Starts a server with plugins, whose clients are one owner. */
export async function startChatServer(
  pluginsOf: (
    createContext: (request: FastifyRequest, reply: FastifyReply, timeoutMs?: number) => ReturnType<typeof createCallContext>,
  ) => FastifyPluginAsync[],
) {
  const lifecycle = createLifecycle({ drainTimeoutMs: 1_000 });
  const createContext = (request: FastifyRequest, reply: FastifyReply, timeoutMs = 60_000) =>
    createCallContext(request, createCallScope(reply), {
      lifecycle,
      timeoutMs,
      principal: request.principal ?? { id: LOCAL_OWNER, role: 'admin' },
    });
  const app = await createHttpServer({
    service: 'test',
    logger: createLogger({ service: 'test', level: 'silent', secrets: [] }),
    metrics: createMetrics(),
    authentication: {
      clients: { keys: { authenticate: () => null }, isKeyRequired: false },
      internalToken: 'internal-token-of-the-tests',
      openMetrics: false,
    },
    plugins: pluginsOf(createContext),
  });
  onTestFinished(() => app.close());
  return app;
}

/** Starts a server with the routes of attachments, and stores in memory. */
export async function setUpAttachments(readPdfText: ReadPdfText = async () => 'Text of a PDF') {
  const attachments = createMemoryAttachments();
  const files = createMemoryFiles();
  const service = createAttachmentService({ attachments, files, readPdfText });
  const app = await startChatServer((createContext) => [attachmentsRoutes({ attachments: service, createContext })]);
  const upload = (name: string, payload: string | Buffer, headers: Record<string, string> = {}) =>
    app.inject({ method: 'POST', url: `/api/v1/chat/attachments?name=${encodeURIComponent(name)}`, payload, headers });
  return { app, attachments, files, service, upload };
}

function pngChunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(data.length);
  const checksum = Buffer.alloc(4);
  checksum.writeUInt32BE(crc32(body));
  return Buffer.concat([length, body, checksum]);
}

const PNG_SIGNATURE = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
/** The compressed pixels of a transparent pixel. */
const PIXEL = Buffer.from('789c6360000000050001', 'hex');

/** Returns a PNG, with metadata and data after its end if `secret` is given. */
export function pngOf(width: number, height: number, secret?: string): Buffer {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([8, 6, 0, 0, 0], 8);
  const extra =
    secret === undefined ? [] : [pngChunk('tEXt', Buffer.from(`Comment\0${secret}`)), pngChunk('eXIf', Buffer.from(secret))];
  const end = secret === undefined ? [] : [Buffer.from(secret)];
  return Buffer.concat([
    PNG_SIGNATURE,
    pngChunk('IHDR', header),
    ...extra,
    pngChunk('IDAT', PIXEL),
    pngChunk('IEND', Buffer.alloc(0)),
    ...end,
  ]);
}

function jpegSegment(code: number, data: Buffer): Buffer {
  const head = Buffer.from([0xff, code, 0, 0]);
  head.writeUInt16BE(data.length + 2, 2);
  return Buffer.concat([head, data]);
}

/** Returns the structure of a JPEG with an orientation and metadata, whose pixels are not valid. */
export function jpegOf(width: number, height: number, secret = '', orientation = 1): Buffer {
  const exif = Buffer.from(
    `Exif\0\0II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0${String.fromCharCode(orientation)}\0\0\0\0\0\0\0${secret}`,
    'latin1',
  );
  const frame = Buffer.from([8, 0, 0, 0, 0, 1, 1, 0x11, 0]);
  frame.writeUInt16BE(height, 1);
  frame.writeUInt16BE(width, 3);
  return Buffer.concat([
    Buffer.from([0xff, 0xd8]),
    jpegSegment(0xe0, Buffer.from('JFIF\0\x01\x01\0\0\x01\0\x01\0\0', 'latin1')),
    jpegSegment(0xe1, exif),
    jpegSegment(0xe1, Buffer.from(`http://ns.adobe.com/xap/1.0/\0${secret}`)),
    jpegSegment(0xe2, Buffer.from('ICC_PROFILE\0\x01\x01profile', 'latin1')),
    jpegSegment(0xed, Buffer.from(`Photoshop 3.0\0${secret}`)),
    jpegSegment(0xfe, Buffer.from(secret)),
    jpegSegment(0xc2, frame),
    jpegSegment(0xda, Buffer.from([1, 1, 0, 0, 0x3f, 0])),
    Buffer.from([1, 0xff, 0, 2, 0xff, 0xd0, 3]),
    jpegSegment(0xda, Buffer.from([1, 1, 0, 0, 0x3f, 0])),
    Buffer.from([4, 5, 0xff, 0xd9]),
    Buffer.from(secret),
  ]);
}

/** Returns a GIF with a comment, data of an application and an animation. */
export function gifOf(width: number, height: number, secret: string): Buffer {
  const header = Buffer.from('GIF89a\0\0\0\0\x80\0\0\0\0\0\xff\xff\xff', 'latin1');
  header.writeUInt16LE(width, 6);
  header.writeUInt16LE(height, 8);
  const block = (text: string) => `${String.fromCharCode(text.length)}${text}`;
  const rest = [
    `!\xff${block('NETSCAPE2.0')}${block('\x01\0\0')}\0`,
    `!\xfe${block(secret)}\0`,
    `!\xff${block('XMP DataXMP')}${block(secret)}\0`,
    `!\xf9${block('\0\0\0\0')}\0`,
    `,\0\0\0\0\x01\0\x01\0\0\x02${block('D\x01')}\0`,
    `;${secret}`,
  ];
  return Buffer.concat([header, Buffer.from(rest.join(''), 'latin1')]);
}

/** Returns the structure of an extended WebP image with Exif and XMP data. */
export function webpOf(width: number, height: number, secret: string): Buffer {
  const chunk = (type: string, data: Buffer) => {
    const head = Buffer.from(`${type}\0\0\0\0`, 'latin1');
    head.writeUInt32LE(data.length, 4);
    return Buffer.concat([head, data, Buffer.alloc(data.length % 2)]);
  };
  const extended = Buffer.alloc(10);
  extended[0] = 0x2c;
  extended.writeUIntLE(width - 1, 4, 3);
  extended.writeUIntLE(height - 1, 7, 3);
  const chunks = [
    chunk('VP8X', extended),
    chunk('ICCP', Buffer.from('icc')),
    chunk('VP8L', Buffer.from([0x2f, 0, 0, 0, 0, 1])),
    chunk('EXIF', Buffer.from(secret)),
    chunk('XMP ', Buffer.from(secret)),
  ];
  const content = Buffer.concat([Buffer.from('WEBP', 'latin1'), ...chunks]);
  const head = Buffer.from('RIFF\0\0\0\0', 'latin1');
  head.writeUInt32LE(content.length, 4);
  return Buffer.concat([head, content, Buffer.from(secret)]);
}
