import {
  type CreateConversation,
  conversationDetailSchema,
  conversationListSchema,
  conversationMessageSchema,
  conversationSchema,
  conversationSearchSchema,
  createConversationSchema,
  createMessageSchema,
  updateConversationSchema,
  updateMessageSchema,
} from '@prodigon/contracts/conversations';
import { idempotencyHeaders, type Operation, type OperationResponse, SERVICE_ERRORS } from '@prodigon/platform';
import type { z } from 'zod';
import { exampleConversation, exampleQuestion, exampleResponse } from '../conversation-examples.ts';

const tag = 'conversations';
const errors = ['CONVERSATION_NOT_FOUND', 'INSUFFICIENT_STORAGE', ...SERVICE_ERRORS] as const;

const json = (description: string, schema: z.ZodType, example: unknown, headers: string[] = []): OperationResponse => ({
  description,
  headers,
  content: { 'application/json': { schema, examples: { example } } },
});
const body = (schema: z.ZodType, example: object) => ({ 'application/json': { schema, examples: { example } } });
const CREATED = ['Location', 'Idempotent-Replayed'];

export const createConversation = {
  operationId: 'createConversation',
  tag,
  summary: 'Create a conversation',
  description: 'Creates an empty conversation with its options. Its first turn or message gives it a title.',
  headers: idempotencyHeaders,
  body: body(createConversationSchema, {
    model: 'prodigon-tutor',
    system_prompt: 'Answer briefly.',
  } satisfies CreateConversation),
  responses: { 201: json('The conversation', conversationSchema, exampleConversation, CREATED) },
  errors: ['CONFLICT', 'UNKNOWN_MODEL', 'INSUFFICIENT_STORAGE', ...SERVICE_ERRORS],
} satisfies Operation;

export const listConversations = {
  operationId: 'listConversations',
  tag,
  summary: 'List conversations',
  description: 'Returns conversations by the time of their latest message, latest first. The `Link` header has the next page.',
  responses: { 200: json('The conversations', conversationListSchema, [exampleConversation], ['Link']) },
  errors: SERVICE_ERRORS,
} satisfies Operation;

export const deleteConversations = {
  operationId: 'deleteConversations',
  tag,
  summary: 'Delete all conversations',
  description: 'Deletes all conversations of the owner with their messages, attachments and links. Requires `confirm=all`.',
  responses: { 204: { description: 'The conversations are deleted' } },
  errors: SERVICE_ERRORS,
} satisfies Operation;

export const getConversation = {
  operationId: 'getConversation',
  tag,
  summary: 'Get a conversation',
  description: 'Returns a conversation with the messages of its active path, oldest first.',
  responses: {
    200: json('The conversation', conversationDetailSchema, {
      ...exampleConversation,
      messages: [exampleQuestion, exampleResponse],
      has_earlier: false,
    }),
  },
  errors: [...errors, 'NOT_FOUND'],
} satisfies Operation;

export const updateConversation = {
  operationId: 'updateConversation',
  tag,
  summary: 'Update a conversation',
  description: 'Renames, pins, archives or tags a conversation, changes its options, or shows another branch.',
  body: body(updateConversationSchema, { title: 'Backpressure', pinned: true }),
  responses: {
    200: json('The conversation', conversationSchema, { ...exampleConversation, title: 'Backpressure', pinned: true }),
  },
  errors: [...errors, 'NOT_FOUND', 'UNKNOWN_MODEL'],
} satisfies Operation;

export const deleteConversation = {
  operationId: 'deleteConversation',
  tag,
  summary: 'Delete a conversation',
  description: 'Deletes a conversation with its messages, attachments and links, and stops a response in it.',
  responses: { 204: { description: 'The conversation is deleted' } },
  errors,
} satisfies Operation;

export const createMessage = {
  operationId: 'createMessage',
  tag,
  summary: 'Add a message',
  description: 'Stores a message without a response. It becomes the end of the active path.',
  headers: idempotencyHeaders,
  body: body(createMessageSchema, { role: 'user', content: 'What is backpressure?' }),
  responses: { 201: json('The message', conversationMessageSchema, exampleQuestion, ['Idempotent-Replayed']) },
  errors: [...errors, 'NOT_FOUND', 'CONFLICT'],
} satisfies Operation;

export const updateMessage = {
  operationId: 'updateMessage',
  tag,
  summary: 'Edit a message',
  description: 'Replaces the text of a message without a new response. A turn with `parent_id` adds a branch instead.',
  body: body(updateMessageSchema, { content: 'What is backpressure?' }),
  responses: { 200: json('The message', conversationMessageSchema, exampleQuestion) },
  errors: [...errors, 'NOT_FOUND', 'CONFLICT'],
} satisfies Operation;

export const deleteMessage = {
  operationId: 'deleteMessage',
  tag,
  summary: 'Delete a message',
  description: 'Deletes a message and all that follow it, on all branches.',
  responses: { 204: { description: 'The messages are deleted' } },
  errors: [...errors, 'NOT_FOUND', 'CONFLICT'],
} satisfies Operation;

export const searchConversations = {
  operationId: 'searchConversations',
  tag,
  summary: 'Search conversations',
  description: 'Searches titles and messages on all branches. Returns at most one result for each conversation, with an excerpt.',
  responses: {
    200: json('The results', conversationSearchSchema, {
      results: [
        {
          conversation: exampleConversation,
          message_id: exampleQuestion.id,
          excerpt: [
            { text: 'What is ', match: false },
            { text: 'backpressure', match: true },
            { text: '?', match: false },
          ],
        },
      ],
    }),
  },
  errors: SERVICE_ERRORS,
} satisfies Operation;
