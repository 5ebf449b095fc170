import {
  EXPORT_FORMATS,
  exportedConversationSchema,
  sharedConversationSchema,
  shareSchema,
} from '@prodigon/contracts/conversations';
import { type Operation, SERVICE_ERRORS } from '@prodigon/platform';
import { z } from 'zod';
import { exampleConversation, exampleQuestion, exampleResponse } from '../conversation-examples.ts';

const tag = 'conversations';
const SHARED_AT = '2026-03-01T10:00:00.000Z';
const errors = ['CONVERSATION_NOT_FOUND', ...SERVICE_ERRORS] as const;

const { generating: _generating, shared: _shared, ...conversation } = exampleConversation;
const exported = {
  prodigon_conversation: 1,
  conversation,
  messages: [exampleQuestion, exampleResponse].map(({ sibling_ids: _, ...message }) => message),
};
const document = (example: string) => ({ schema: z.string(), examples: { document: example } });

export const exportConversation = {
  operationId: 'exportConversation',
  tag,
  summary: 'Export a conversation',
  description: 'Returns a file. JSON has all branches and can be imported. Markdown and HTML have the active path.',
  responses: {
    200: {
      description: 'The conversation',
      headers: ['Content-Disposition'],
      content: {
        'application/json': { schema: exportedConversationSchema, examples: { conversation: exported } },
        [EXPORT_FORMATS.markdown.mediaType.replace(/;.*/, '')]: document(
          '# What is backpressure?\n\n## Question\n\n> What is backpressure?\n',
        ),
        [EXPORT_FORMATS.html.mediaType.replace(/;.*/, '')]: document('<!doctype html>\n<title>What is backpressure?</title>\n'),
      },
    },
  },
  errors,
} satisfies Operation;

export const exportConversations = {
  operationId: 'exportConversations',
  tag,
  summary: 'Export all conversations',
  description: 'Returns a file of JSON lines: each is a conversation with all branches. It can be imported.',
  responses: {
    200: {
      description: 'The conversations, oldest first',
      headers: ['Content-Disposition'],
      content: {
        'application/jsonl': {
          schema: z.string(),
          items: exportedConversationSchema,
          examples: { lines: `${JSON.stringify(exported)}\n` },
        },
      },
    },
  },
  errors: SERVICE_ERRORS,
} satisfies Operation;

export const shareConversation = {
  operationId: 'shareConversation',
  tag,
  summary: 'Share a conversation',
  description:
    'Creates a read-only link to the active path as it is now, and replaces an earlier link. Only this response has the token.',
  responses: {
    201: {
      description: 'The link',
      content: {
        'application/json': {
          schema: shareSchema,
          examples: { link: { token: 'kQ9pXyZ2c0aT5mB7vW1uRg', url: '/s/kQ9pXyZ2c0aT5mB7vW1uRg', created_at: SHARED_AT } },
        },
      },
    },
  },
  errors: [...errors, 'CONFLICT', 'INSUFFICIENT_STORAGE'],
} satisfies Operation;

export const unshareConversation = {
  operationId: 'unshareConversation',
  tag,
  summary: 'Revoke the link of a conversation',
  description: 'The link returns 404 from now on. Succeeds also if there is none.',
  responses: { 204: { description: 'The conversation has no link' } },
  errors,
} satisfies Operation;

export const getSharedConversation = {
  operationId: 'getSharedConversation',
  tag,
  summary: 'Get a shared conversation',
  description: 'Returns the messages of a link as they were when it was created. It requires no key.',
  responses: {
    200: {
      description: 'The conversation',
      content: {
        'application/json': {
          schema: sharedConversationSchema,
          examples: {
            conversation: {
              title: exampleConversation.title,
              shared_at: SHARED_AT,
              messages: [exampleQuestion, exampleResponse].map(({ role, parts, model, status, created_at }) => ({
                role,
                parts,
                model,
                status,
                created_at,
              })),
            },
          },
        },
      },
    },
  },
  errors: ['NOT_FOUND', ...SERVICE_ERRORS],
} satisfies Operation;
