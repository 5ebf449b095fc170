import { createHash, randomBytes } from 'node:crypto';
import { AppError, WEB_UI_ROUTES } from '@prodigon/contracts';
import { sharedConversationSchema, shareSchema } from '@prodigon/contracts/conversations';
import type { ConversationStore } from '@prodigon/ports';
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import type { CreateContext } from '../gateway-functions.ts';
import { conversationIdOf, conversationParamsSchema } from '../path-parameters.ts';
import { getSharedConversation, shareConversation, unshareConversation } from './transfer.operations.ts';

export interface ShareRoutesOptions {
  readonly store: Pick<ConversationStore, 'share' | 'unshare' | 'getShared'>;
  readonly createContext: CreateContext;
}

const TOKEN_BYTES = 16;
/** 16 bytes as base64url. */
const TOKEN = /^[\w-]{22}$/;
const hashOf = (token: string) => createHash('sha256').update(token).digest();
const tokenParamsSchema = z.object({ token: z.string().describe('The token of the link') });

export function shareRoutes({ store, createContext }: ShareRoutesOptions): FastifyPluginAsyncZod {
  const config = { access: 'caller' } as const;
  const path = '/api/v1/chat/sessions/:id/share';

  return async (app) => {
    app.post(
      path,
      {
        config: { ...config, operation: shareConversation },
        schema: { params: conversationParamsSchema, response: { 201: shareSchema } },
      },
      async (request, reply) => {
        const { principal } = createContext(request, reply);
        const token = randomBytes(TOKEN_BYTES).toString('base64url');
        const { createdAt } = await store.share(principal.id, conversationIdOf(request.params), hashOf(token));
        return reply.code(201).send({ token, url: `${WEB_UI_ROUTES.shared}/${token}`, created_at: createdAt });
      },
    );

    app.delete(
      path,
      {
        config: { ...config, operation: unshareConversation },
        schema: { params: conversationParamsSchema, response: { 204: z.null() } },
      },
      async (request, reply) => {
        await store.unshare(createContext(request, reply).principal.id, conversationIdOf(request.params));
        return reply.code(204).send(null);
      },
    );

    app.get(
      '/api/v1/share/:token',
      {
        config: { access: 'public', operation: getSharedConversation },
        schema: { params: tokenParamsSchema, response: { 200: sharedConversationSchema } },
      },
      async ({ params: { token } }, reply) => {
        reply.headers({ 'x-robots-tag': 'noindex, nofollow', 'referrer-policy': 'no-referrer', 'cache-control': 'no-store' });
        if (!TOKEN.test(token)) throw new AppError('NOT_FOUND');
        return store.getShared(hashOf(token));
      },
    );
  };
}
