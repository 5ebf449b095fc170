import {
  apiKeyListSchema,
  apiKeySchema,
  callerSchema,
  createApiKeyRequestSchema,
  createdApiKeySchema,
  rotateApiKeyRequestSchema,
  updateApiKeyRequestSchema,
} from '@prodigon/contracts';
import type { CallContext } from '@prodigon/ports';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import type { KeyService } from './key-service.ts';
import { createKey, getCaller, getKey, listKeys, revokeKey, rotateKey, updateKey } from './keys.operations.ts';

export interface KeysRoutesOptions {
  keys: KeyService;
  createContext: (request: FastifyRequest, reply: FastifyReply) => CallContext;
}

const params = z.object({ id: z.string().min(1).max(256).describe('The `id` of the key') });

export function keysRoutes({ keys, createContext }: KeysRoutesOptions): FastifyPluginAsyncZod {
  const config = { access: 'caller' } as const;
  const contextOf = (request: FastifyRequest, reply: FastifyReply): CallContext => {
    // No cache between the client and the gateway may keep the value of a key.
    reply.header('cache-control', 'no-store');
    return createContext(request, reply);
  };
  const principalOf = (request: FastifyRequest, reply: FastifyReply) => contextOf(request, reply).principal;

  return async (app) => {
    app.get(
      '/api/v1/me',
      { config: { ...config, operation: getCaller }, schema: { response: { 200: callerSchema } } },
      (request, reply) => keys.describeCaller(principalOf(request, reply)),
    );

    app.get(
      '/api/v1/keys',
      { config: { ...config, operation: listKeys }, schema: { response: { 200: apiKeyListSchema } } },
      async (request, reply) => ({ keys: await keys.list(principalOf(request, reply)) }),
    );

    app.post(
      '/api/v1/keys',
      {
        config: { ...config, operation: createKey },
        schema: { body: createApiKeyRequestSchema, response: { 201: createdApiKeySchema } },
      },
      async (request, reply) => {
        const created = await keys.create(request.body, contextOf(request, reply));
        request.record.changed_key = created.name;
        return reply.code(201).header('location', `/api/v1/keys/${created.id}`).send(created);
      },
    );

    app.get(
      '/api/v1/keys/:id',
      { config: { ...config, operation: getKey }, schema: { params, response: { 200: apiKeySchema } } },
      (request, reply) => keys.get(request.params.id, principalOf(request, reply)),
    );

    app.patch(
      '/api/v1/keys/:id',
      {
        config: { ...config, operation: updateKey },
        schema: { params, body: updateApiKeyRequestSchema, response: { 200: apiKeySchema } },
      },
      async (request, reply) => {
        const updated = await keys.update(request.params.id, request.body, contextOf(request, reply));
        request.record.changed_key = updated.name;
        return updated;
      },
    );

    app.delete(
      '/api/v1/keys/:id',
      { config: { ...config, operation: revokeKey }, schema: { params, response: { 200: apiKeySchema } } },
      async (request, reply) => {
        const revoked = await keys.revoke(request.params.id, principalOf(request, reply));
        request.record.changed_key = revoked.name;
        return revoked;
      },
    );

    app.post(
      '/api/v1/keys/:id/rotate',
      {
        config: { ...config, operation: rotateKey },
        schema: { params, body: rotateApiKeyRequestSchema, response: { 200: createdApiKeySchema } },
      },
      async (request, reply) => {
        const { overlap_seconds } = request.body;
        const rotated = await keys.rotate(request.params.id, overlap_seconds, principalOf(request, reply));
        request.record.changed_key = rotated.name;
        return rotated;
      },
    );
  };
}
