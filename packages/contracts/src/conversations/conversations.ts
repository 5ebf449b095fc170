import { z } from 'zod';
import { errorCodeSchema } from '../error-codes.ts';
import { GENERATION_LIMITS, generateRequestSchema, usageSchema } from '../generation.ts';
import { modelIdSchema } from '../models.ts';
import { nullish } from '../optional-fields.ts';
import { queryNumber } from '../query-number.ts';
import { isStorableJson, storable } from '../storable-text.ts';

/** Limits of conversations. The API enforces them; the web UI and the CLI display them. */
export const CONVERSATION_LIMITS = {
  titleCharactersMax: 200,
  tagsMax: 20,
  tagCharactersMax: 50,
  systemPromptCharactersMax: 100_000,
  contentCharactersMax: GENERATION_LIMITS.messageCharactersMax,
  metaBytesMax: 16_384,
  attachmentsMax: 20,
  pageMax: 200,
  /** Messages of a page of one conversation. */
  messagesMax: 500,
  /** Messages of one conversation, over all branches. */
  conversationMessagesMax: 20_000,
  queryCharactersMax: 200,
} as const;

const title = storable(z.string().trim().min(1).max(CONVERSATION_LIMITS.titleCharactersMax));
const systemPrompt = storable(z.string().min(1, { abort: true }).max(CONVERSATION_LIMITS.systemPromptCharactersMax));
const tag = storable(z.string().trim().min(1).max(CONVERSATION_LIMITS.tagCharactersMax));
const tags = z.array(tag).max(CONVERSATION_LIMITS.tagsMax);
const content = storable(z.string().min(1).max(CONVERSATION_LIMITS.contentCharactersMax));
const meta = z
  .record(z.string(), z.unknown())
  .refine((value) => new TextEncoder().encode(JSON.stringify(value)).length <= CONVERSATION_LIMITS.metaBytesMax, {
    message: `Must have at most ${CONVERSATION_LIMITS.metaBytesMax} bytes as JSON`,
    abort: true,
  })
  .refine(isStorableJson, 'Must not contain the character U+0000 or half of a surrogate pair');
const { max_tokens, temperature } = generateRequestSchema.shape;

/** Model options of a conversation, which its turns use unless they have their own. */
const optionsShape = {
  system_prompt: systemPrompt.nullable(),
  model: modelIdSchema.nullable().describe('Null for the default model'),
  max_tokens: z.int().min(1).max(GENERATION_LIMITS.maxTokensMax).nullable().describe("Null for the model's default"),
  temperature: z.number().min(0).max(GENERATION_LIMITS.temperatureMax).nullable().describe("Null for the model's default"),
};

/** Body of POST `/api/v1/chat/sessions`. */
export const createConversationSchema = z
  .strictObject({
    title: nullish(title).describe('Defaults to the beginning of the first question'),
    system_prompt: nullish(systemPrompt),
    model: nullish(modelIdSchema),
    max_tokens,
    temperature,
    tags: nullish(tags),
  })
  .meta({ id: 'CreateConversation' });
export type CreateConversation = z.infer<typeof createConversationSchema>;

/** Body of PATCH `/api/v1/chat/sessions/{id}`. Fields that are absent stay as they are. */
export const updateConversationSchema = z
  .strictObject({
    title: title.optional(),
    ...z.object(optionsShape).partial().shape,
    pinned: z.boolean().optional(),
    archived: z.boolean().optional(),
    tags: tags.optional(),
    active_message_id: z
      .uuid()
      .optional()
      .describe('Shows the branch of this message: the path to its latest descendant becomes the active path'),
  })
  .meta({ id: 'UpdateConversation' });
export type UpdateConversation = z.infer<typeof updateConversationSchema>;

/** Who wrote the title. A title of the user is never replaced. `none`: there is no question yet. */
export const titleSourceSchema = z.enum(['none', 'question', 'model', 'user', 'import']);
export type TitleSource = z.infer<typeof titleSourceSchema>;

export const conversationSchema = z
  .object({
    id: z.uuid(),
    title: z.string().describe('Empty until the first question'),
    title_source: titleSourceSchema,
    ...optionsShape,
    pinned: z.boolean(),
    archived: z.boolean(),
    tags: z.array(z.string()),
    active_message_id: z.uuid().nullable().describe('Last message of the active path; null without messages'),
    generating: z.boolean().describe('True while the model responds in it'),
    shared: z.boolean().describe('True while a shared link to it is valid'),
    created_at: z.iso.datetime(),
    updated_at: z.iso.datetime().describe('Time of the latest message'),
  })
  .meta({ id: 'Conversation' });
export type Conversation = z.infer<typeof conversationSchema>;

export const conversationListQuerySchema = z.strictObject({
  limit: queryNumber(z.int().min(1).max(CONVERSATION_LIMITS.pageMax)).prefault(50),
  after: z.string().max(100).optional().describe('Cursor of the next page, from the `Link` header'),
  archived: z.enum(['false', 'true', 'all']).default('false'),
  pinned: z.enum(['true', 'false']).optional(),
  tag: tag.optional(),
});
export type ConversationListQuery = z.infer<typeof conversationListQuerySchema>;

/** Response of GET `/api/v1/chat/sessions`, by `updated_at`, latest first. The `Link` header has the URL of the next page. */
export const conversationListSchema = z.array(conversationSchema);

export const messageRoleSchema = z.enum(['user', 'assistant', 'system', 'tool']);
export type MessageRole = z.infer<typeof messageRoleSchema>;

/**
 * - streaming: the model responds
 * - done: complete
 * - stopped: the user stopped the response
 * - interrupted: the process that received the response ended, or the response did
 * - failed: the model failed. The message has the text until then
 */
export const messageStatusSchema = z.enum(['streaming', 'done', 'stopped', 'interrupted', 'failed']);
export type MessageStatus = z.infer<typeof messageStatusSchema>;

/** A part of a message. `tool_call` and `tool_result` come from imports and from models that call tools on their own. */
export const messagePartSchema = z
  .discriminatedUnion('type', [
    z.object({ type: z.literal('text'), text: z.string() }),
    z.object({ type: z.literal('reasoning'), text: z.string() }),
    z.object({ type: z.literal('tool_call'), id: z.string(), name: z.string(), arguments: z.string() }),
    z.object({ type: z.literal('tool_result'), id: z.string(), text: z.string() }),
    z.object({
      type: z.literal('attachment'),
      attachment_id: z.uuid().nullable().describe('Null when only its name is known, e.g. after an import'),
      name: z.string(),
      media_type: z.string(),
      bytes: z.int().nullable(),
    }),
  ])
  .meta({ id: 'MessagePart' });
export type MessagePart = z.infer<typeof messagePartSchema>;

export const messageErrorSchema = z.object({ code: errorCodeSchema, message: z.string(), retryable: z.boolean() });

export const conversationMessageSchema = z
  .object({
    id: z.uuid(),
    parent_id: z.uuid().nullable(),
    role: messageRoleSchema,
    content: z.string().describe('The text parts'),
    parts: z.array(messagePartSchema),
    status: messageStatusSchema,
    model: z.string().nullable().describe('Model that responded'),
    provider: z.string().nullable(),
    usage: usageSchema.nullable(),
    estimated: z.boolean().describe('True when usage is estimated by length because the provider reported none'),
    cost_usd: z.number().nullable(),
    finish_reason: z.string().nullable(),
    ttft_ms: z.number().nullable(),
    latency_ms: z.number().nullable(),
    error: messageErrorSchema.nullable(),
    generation_id: z.uuid().nullable().describe('The latest generation of the message'),
    request_id: z.string().nullable(),
    meta: z.record(z.string(), z.unknown()).nullable().describe('As its client stored it'),
    sibling_ids: z
      .array(z.uuid())
      .describe('All versions of this message, oldest first: messages with the same parent and role. Includes its own id'),
    created_at: z.iso.datetime(),
    completed_at: z.iso.datetime().nullable(),
  })
  .meta({ id: 'ConversationMessage' });
export type ConversationMessage = z.infer<typeof conversationMessageSchema>;

export const conversationQuerySchema = z.strictObject({
  limit: queryNumber(z.int().min(1).max(CONVERSATION_LIMITS.messagesMax))
    .optional()
    .describe('Return only the last messages of the active path; all of them without it'),
  before: z.uuid().optional().describe('Return messages before this one on its path'),
});
export type ConversationQuery = z.infer<typeof conversationQuerySchema>;

/** Response of GET `/api/v1/chat/sessions/{id}`. */
export const conversationDetailSchema = conversationSchema
  .extend({
    messages: z.array(conversationMessageSchema).describe('The active path, oldest first'),
    has_earlier: z.boolean().describe('True when `limit` left out earlier messages'),
  })
  .meta({ id: 'ConversationDetail' });
export type ConversationDetail = z.infer<typeof conversationDetailSchema>;

/** Body of POST `/api/v1/chat/sessions/{id}/messages`, which stores a message without a response. */
export const createMessageSchema = z
  .strictObject({
    role: z.enum(['user', 'assistant', 'system']),
    content,
    parent_id: nullish(z.uuid()).describe('Defaults to the last message of the active path'),
    meta: nullish(meta),
  })
  .meta({ id: 'CreateMessage' });
export type CreateMessage = z.infer<typeof createMessageSchema>;

/** Body of PATCH `/api/v1/chat/sessions/{id}/messages/{messageId}`, which replaces the text of a message. */
export const updateMessageSchema = z.strictObject({ content }).meta({ id: 'UpdateMessage' });
export type UpdateMessage = z.infer<typeof updateMessageSchema>;

export const conversationSearchQuerySchema = z.strictObject({
  q: storable(z.string().trim().min(1).max(CONVERSATION_LIMITS.queryCharactersMax)).describe(
    'Words, "phrases", -excluded words, and `or`',
  ),
  limit: queryNumber(z.int().min(1).max(50)).prefault(20),
});
export type ConversationSearchQuery = z.infer<typeof conversationSearchQuerySchema>;

/** Response of GET `/api/v1/chat/search`: at most one result for each conversation, best and latest first. */
export const conversationSearchSchema = z
  .object({
    results: z.array(
      z.object({
        conversation: conversationSchema,
        message_id: z.uuid().nullable().describe('The matching message; null when the title matches'),
        excerpt: z
          .array(z.object({ text: z.string(), match: z.boolean() }))
          .describe('Text around the matches, in pieces; the matches have `match`'),
      }),
    ),
  })
  .meta({ id: 'ConversationSearch' });
export type ConversationSearch = z.infer<typeof conversationSearchSchema>;
