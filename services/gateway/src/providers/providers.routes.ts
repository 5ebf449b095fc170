import { AppError, type ProviderList, providerChangeSchema, providerListSchema } from '@prodigon/contracts';
import { validationError } from '@prodigon/platform';
import type { CallContext, ProviderSettingsClient } from '@prodigon/ports';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import type { ModelCatalog } from '../models/model-catalog.ts';
import { findRemoteOrigin, isOwnAddress } from './local-client.ts';
import { listProviders, removeProvider, saveProvider } from './providers.operations.ts';

export interface ProvidersRoutesOptions {
  providerSettings: ProviderSettingsClient;
  catalog: ModelCatalog;
  /** Why no client may change the settings; null when local clients may. */
  locked: string | null;
  createContext: (request: FastifyRequest, reply: FastifyReply) => CallContext;
}

const params = z.object({ name: z.string().min(1).max(128) });
const response = { 200: providerListSchema };

export function providersRoutes(options: ProvidersRoutesOptions): FastifyPluginAsyncZod {
  const { providerSettings, catalog, locked, createContext } = options;

  const lockOf = ({ raw, principal }: FastifyRequest) =>
    locked ??
    findRemoteOrigin({ remoteAddress: raw.socket.remoteAddress, headers: raw.headers }) ??
    (principal?.role === 'admin' ? null : 'Only admins may change provider settings.');

  async function requireLocalClient(request: FastifyRequest): Promise<void> {
    const reason = lockOf(request);
    if (reason !== null) throw new AppError('FORBIDDEN', reason);
  }

  async function list(request: FastifyRequest, context: CallContext): Promise<ProviderList> {
    const lock = lockOf(request);
    const providers = await providerSettings.list(context);
    // Only clients that may change an address see it, because it can reveal an internal server.
    return { locked: lock, providers: providers.map((state) => (lock === null ? state : { ...state, base_url: null })) };
  }

  async function listAfterChange(request: FastifyRequest, context: CallContext): Promise<ProviderList> {
    // The catalog would otherwise resolve models by its last list for some seconds.
    await catalog.list(context);
    return list(request, context);
  }

  return async (app) => {
    app.get(
      '/api/v1/providers',
      { config: { access: 'caller', operation: listProviders }, schema: { response } },
      (request, reply) => list(request, createContext(request, reply)),
    );

    app.put(
      '/api/v1/providers/:name',
      {
        config: { access: 'admin', operation: saveProvider },
        schema: { params, body: providerChangeSchema, response },
        onRequest: requireLocalClient,
      },
      async (request, reply) => {
        const { base_url } = request.body;
        // Each request to such a provider would call the platform again, endlessly.
        if (base_url !== undefined && isOwnAddress(base_url, request.headers.host ?? ''))
          throw validationError([{ path: 'base_url', message: 'Must not be the address of the platform itself' }]);
        const context = createContext(request, reply);
        await providerSettings.save(request.params.name, request.body, context);
        return listAfterChange(request, context);
      },
    );

    app.delete(
      '/api/v1/providers/:name',
      {
        config: { access: 'admin', operation: removeProvider },
        schema: { params, response },
        onRequest: requireLocalClient,
      },
      async (request, reply) => {
        const context = createContext(request, reply);
        await providerSettings.remove(request.params.name, context);
        return listAfterChange(request, context);
      },
    );
  };
}
