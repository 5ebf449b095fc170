import { AppError } from '@prodigon/contracts';
import {
  type ConversationListQuery,
  conversationDetailSchema,
  conversationListQuerySchema,
  conversationListSchema,
  conversationQuerySchema,
  conversationSchema,
  conversationSearchQuerySchema,
  conversationSearchSchema,
  createConversationSchema,
  updateConversationSchema,
} from '@prodigon/contracts/conversations';
import type { CallContext, ConversationStore } from '@prodigon/ports';
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import type { CreateContext, ModelResolver } from '../gateway-functions.ts';
import { conversationIdOf, conversationParamsSchema } from '../path-parameters.ts';
import {
  createConversation,
  deleteConversation,
  deleteConversations,
  getConversation,
  listConversations,
  searchConversations,
  updateConversation,
} from './conversations.operations.ts';

export interface ConversationsRoutesOptions {
  readonly store: ConversationStore;
  readonly catalog: Pick<ModelResolver, 'resolve'>;
  readonly createContext: CreateContext;
}

const SESSIONS = '/api/v1/chat/sessions';
const confirmationSchema = z.strictObject({
  confirm: z
    .literal('all')
    .describe('Confirms that all conversations are deleted')
    .meta({ examples: ['all'] }),
});

export function conversationsRoutes({ store, catalog, createContext }: ConversationsRoutesOptions): FastifyPluginAsyncZod {
  const config = { access: 'caller' } as const;

  /** Throws `UNKNOWN_MODEL` or `FORBIDDEN`. Accepts any model while the model service is unreachable; the next turn checks it. */
  async function checkModel(model: string | null | undefined, context: CallContext): Promise<void> {
    if (model === undefined || model === null) return;
    await catalog.resolve(model, context).catch((error: unknown) => {
      const { code } = AppError.from(error);
      if (code === 'UNKNOWN_MODEL' || code === 'FORBIDDEN') throw error;
    });
  }

  return async (app) => {
    app.post(
      SESSIONS,
      {
        config: {
          ...config,
          isIdempotent: true,
          conversationOf: (_request, body) => (body as z.infer<typeof conversationSchema>).id,
          operation: createConversation,
        },
        schema: { body: createConversationSchema, response: { 201: conversationSchema } },
      },
      async (request, reply) => {
        const context = createContext(request, reply);
        await checkModel(request.body.model, context);
        const conversation = await store.create(context.principal.id, request.body);
        reply.code(201).header('location', `${SESSIONS}/${conversation.id}`);
        return conversation;
      },
    );

    app.get(
      SESSIONS,
      {
        config: { ...config, operation: listConversations },
        schema: { querystring: conversationListQuerySchema, response: { 200: conversationListSchema } },
      },
      async (request, reply) => {
        const { principal } = createContext(request, reply);
        const { conversations, nextAfter } = await store.list(principal.id, request.query);
        if (nextAfter !== null) reply.header('link', `<${SESSIONS}?${nextQuery(request.query, nextAfter)}>; rel="next"`);
        return conversations;
      },
    );

    app.delete(
      SESSIONS,
      {
        config: { ...config, operation: deleteConversations },
        schema: { querystring: confirmationSchema, response: { 204: z.null() } },
      },
      async (request, reply) => {
        request.record.deleted = await store.removeAll(createContext(request, reply).principal.id);
        return reply.code(204).send(null);
      },
    );

    app.get(
      '/api/v1/chat/search',
      {
        config: { ...config, operation: searchConversations },
        schema: { querystring: conversationSearchQuerySchema, response: { 200: conversationSearchSchema } },
      },
      async (request, reply) => store.search(createContext(request, reply).principal.id, request.query),
    );

    app.get(
      `${SESSIONS}/:id`,
      {
        config: { ...config, operation: getConversation },
        schema: {
          params: conversationParamsSchema,
          querystring: conversationQuerySchema,
          response: { 200: conversationDetailSchema },
        },
      },
      async (request, reply) => {
        const { principal } = createContext(request, reply);
        return store.get(principal.id, conversationIdOf(request.params), request.query);
      },
    );

    app.patch(
      `${SESSIONS}/:id`,
      {
        config: { ...config, operation: updateConversation },
        schema: { params: conversationParamsSchema, body: updateConversationSchema, response: { 200: conversationSchema } },
      },
      async (request, reply) => {
        const id = conversationIdOf(request.params);
        const context = createContext(request, reply);
        await checkModel(request.body.model, context);
        return store.update(context.principal.id, id, request.body);
      },
    );

    app.delete(
      `${SESSIONS}/:id`,
      {
        config: { ...config, operation: deleteConversation },
        schema: { params: conversationParamsSchema, response: { 204: z.null() } },
      },
      async (request, reply) => {
        await store.remove(createContext(request, reply).principal.id, conversationIdOf(request.params));
        return reply.code(204).send(null);
      },
    );
  };
}

/** Returns the query of the next page, which has the same filters. */
function nextQuery(query: ConversationListQuery, after: string): URLSearchParams {
  const entries = Object.entries({ ...query, after }).filter(([, value]) => value !== undefined);
  return new URLSearchParams(entries.map(([name, value]) => [name, String(value)]));
}
