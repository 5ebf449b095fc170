import { conversationMessageSchema, createMessageSchema, updateMessageSchema } from '@prodigon/contracts/conversations';
import type { ConversationStore } from '@prodigon/ports';
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import type { CreateContext } from '../gateway-functions.ts';
import { conversationIdOf, conversationParamsSchema, messageParamsSchema, uuidOf } from '../path-parameters.ts';
import { createMessage, deleteMessage, updateMessage } from './conversations.operations.ts';

export interface MessagesRoutesOptions {
  readonly store: Pick<ConversationStore, 'addMessage' | 'updateMessage' | 'removeMessage'>;
  readonly createContext: CreateContext;
}

const MESSAGES = '/api/v1/chat/sessions/:id/messages';

export function messagesRoutes({ store, createContext }: MessagesRoutesOptions): FastifyPluginAsyncZod {
  const config = { access: 'caller' } as const;
  const idsOf = (params: z.infer<typeof messageParamsSchema>) => [conversationIdOf(params), uuidOf(params.messageId)] as const;

  return async (app) => {
    app.post(
      MESSAGES,
      {
        config: {
          ...config,
          isIdempotent: true,
          conversationOf: ({ params }) => conversationIdOf(params as z.infer<typeof conversationParamsSchema>),
          operation: createMessage,
        },
        schema: { params: conversationParamsSchema, body: createMessageSchema, response: { 201: conversationMessageSchema } },
      },
      async (request, reply) => {
        const id = conversationIdOf(request.params);
        const message = await store.addMessage(createContext(request, reply).principal.id, id, request.body);
        reply.code(201);
        return message;
      },
    );

    app.patch(
      `${MESSAGES}/:messageId`,
      {
        config: { ...config, operation: updateMessage },
        schema: { params: messageParamsSchema, body: updateMessageSchema, response: { 200: conversationMessageSchema } },
      },
      async (request, reply) => {
        const ids = idsOf(request.params);
        return store.updateMessage(createContext(request, reply).principal.id, ...ids, request.body.content);
      },
    );

    app.delete(
      `${MESSAGES}/:messageId`,
      {
        config: { ...config, operation: deleteMessage },
        schema: { params: messageParamsSchema, response: { 204: z.null() } },
      },
      async (request, reply) => {
        const ids = idsOf(request.params);
        await store.removeMessage(createContext(request, reply).principal.id, ...ids);
        return reply.code(204).send(null);
      },
    );
  };
}
