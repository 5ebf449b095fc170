import { z } from 'zod';
import { errorCodeSchema } from '../error-codes.ts';
import { conversationMessageSchema, conversationSchema } from './conversations.ts';

export const IMPORT_LIMITS = {
  fileBytesMax: 1024 * 1024 * 1024,
  /** Of one conversation, unpacked. */
  conversationBytesMax: 64 * 1024 * 1024,
  /** Lists and objects within each other, in one conversation. A tree of answers can be as deep as it has messages. */
  conversationDepthMax: 50_000,
  /** Values of one conversation, which bound the memory that it needs. */
  conversationValuesMax: 2_000_000,
  conversationsMax: 100_000,
  /** Files of a ZIP archive. */
  archiveFilesMax: 100_000,
  /** Of all JSON files of a ZIP archive together. */
  unpackedBytesMax: 4 * 1024 * 1024 * 1024,
  /** Conversations and failures that the report names. Further ones are only counted. */
  namedMax: 1_000,
} as const;

/** The formats that an import recognizes, by their shape. */
export const importFormatSchema = z.enum(['prodigon', 'chatgpt', 'claude', 'librechat', 'open_webui']);
export type ImportFormat = z.infer<typeof importFormatSchema>;

/** Response of POST `/api/v1/chat/import`. */
export const importReportSchema = z
  .object({
    formats: z.array(importFormatSchema),
    imported: z.int(),
    unchanged: z.int().describe('Conversations that an earlier import of the same file has stored'),
    failed: z.int(),
    replaced_characters: z.int().describe('Characters that cannot be stored, U+0000 and half surrogates, replaced by U+FFFD'),
    conversations: z.array(z.object({ id: z.uuid(), title: z.string(), messages: z.int() })).describe('The first imported ones'),
    failures: z
      .array(
        z.object({
          where: z.string().describe('The file and the position in it, e.g. `conversations.json[17]`'),
          title: z.string().nullable(),
          code: errorCodeSchema,
          message: z.string(),
        }),
      )
      .describe('The first failures'),
  })
  .meta({ id: 'ImportReport' });
export type ImportReport = z.infer<typeof importReportSchema>;

export const EXPORT_FORMATS = {
  markdown: { mediaType: 'text/markdown; charset=utf-8', extension: '.md' },
  json: { mediaType: 'application/json; charset=utf-8', extension: '.json' },
  html: { mediaType: 'text/html; charset=utf-8', extension: '.html' },
} as const;
export type ExportFormat = keyof typeof EXPORT_FORMATS;
export const exportQuerySchema = z.strictObject({ format: z.enum(['markdown', 'json', 'html']).default('json') });

/** Version of the export. An import reads this version and all earlier ones. */
export const EXPORT_VERSION = 1;

/** A conversation in an export: all its branches. An export of all conversations has one in each line. */
export const exportedConversationSchema = z
  .object({
    prodigon_conversation: z.literal(EXPORT_VERSION),
    conversation: conversationSchema.omit({ generating: true, shared: true }),
    messages: z.array(conversationMessageSchema.omit({ sibling_ids: true })),
  })
  .meta({ id: 'ExportedConversation' });
export type ExportedConversation = z.infer<typeof exportedConversationSchema>;

/** Response of POST `/api/v1/chat/sessions/{id}/share`. The token is in the response only once. */
export const shareSchema = z
  .object({ token: z.string(), url: z.string().describe('Path of the page in the web UI'), created_at: z.iso.datetime() })
  .meta({ id: 'Share' });
export type Share = z.infer<typeof shareSchema>;

/** Response of GET `/api/v1/share/{token}`: the active path at the moment of sharing, without its owner. */
export const sharedConversationSchema = z
  .object({
    title: z.string(),
    shared_at: z.iso.datetime(),
    messages: z.array(
      z.object({
        role: z.enum(['user', 'assistant']),
        parts: z.array(
          z.discriminatedUnion('type', [
            z.object({ type: z.literal('text'), text: z.string() }),
            z.object({ type: z.literal('reasoning'), text: z.string() }),
            z.object({ type: z.literal('attachment'), name: z.string() }),
          ]),
        ),
        model: z.string().nullable(),
        status: z.enum(['done', 'stopped', 'interrupted', 'failed']),
        created_at: z.iso.datetime(),
      }),
    ),
  })
  .meta({ id: 'SharedConversation' });
export type SharedConversation = z.infer<typeof sharedConversationSchema>;
