import { providerChangeSchema, providerStatesSchema } from '@prodigon/contracts';
import type { CallContext, ProviderSettingsClient } from '@prodigon/ports';
import type { FastifyPluginAsync, FastifyReply, FastifyRequest } from 'fastify';
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';

export interface ProviderSettingsRoutesOptions {
  client: ProviderSettingsClient;
  createContext: (request: FastifyRequest, reply: FastifyReply) => CallContext;
}

const params = z.object({ name: z.string().min(1).max(128) });

/** Serves the provider settings to the gateway. */
export function providerSettingsRoutes({ client, createContext }: ProviderSettingsRoutesOptions): FastifyPluginAsync {
  const config = { access: 'internal' } as const;
  const plugin: FastifyPluginAsyncZod = async (app) => {
    app.get('/internal/v1/providers', { config, schema: { response: { 200: providerStatesSchema } } }, async (request, reply) => [
      ...(await client.list(createContext(request, reply))),
    ]);

    app.post(
      '/internal/v1/providers/:name/settings',
      { config, schema: { params, body: providerChangeSchema } },
      async (request, reply) => {
        await client.save(request.params.name, request.body, createContext(request, reply));
        return reply.send({});
      },
    );

    app.delete('/internal/v1/providers/:name/settings', { config, schema: { params } }, async (request, reply) => {
      await client.remove(request.params.name, createContext(request, reply));
      return reply.send({});
    });

    app.post('/internal/v1/providers/reload', { config }, async (request, reply) => {
      await client.reload(createContext(request, reply));
      return reply.send({});
    });
  };
  return plugin as FastifyPluginAsync;
}
