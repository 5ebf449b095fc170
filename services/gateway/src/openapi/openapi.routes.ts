import scalar from '@scalar/fastify-api-reference';
import type { FastifyInstance } from 'fastify';
import fp from 'fastify-plugin';
import { createOpenApiDocument, type DocumentedRoute, toDocumentedRoute } from './openapi-document.ts';

export interface OpenApiRoutesOptions {
  version: string;
  /** Returns whether the errors of a path have OpenAI's format. */
  isOpenAiPath: (path: string) => boolean;
  /** Returns whether a path is another name of a documented one. */
  isAlias: (path: string) => boolean;
}

/** Serves the OpenAPI document at `/openapi.json` and the API reference at `/docs`. Register it before the routes. */
export function openApiRoutes(options: OpenApiRoutesOptions) {
  return fp(async (app: FastifyInstance) => {
    const routes: DocumentedRoute[] = [];
    let document: string | undefined;

    app.addHook('onRoute', (route) => {
      const documented = toDocumentedRoute(route);
      if (documented && !options.isAlias(documented.path)) routes.push(documented);
    });

    app.get('/openapi.json', { config: { access: 'public' }, schema: { hide: true } as object }, async (_request, reply) => {
      document ??= JSON.stringify(createOpenApiDocument(routes, options));
      return reply.type('application/json; charset=utf-8').send(document);
    });

    await app.register(async (scope) => {
      scope.addHook('onRoute', (route) => {
        route.config = { ...route.config, access: 'public' };
      });
      scope.addHook('onSend', async (_request, reply, payload) => {
        reply.header('content-security-policy', DOCUMENTATION_POLICY);
        return payload;
      });
      await scope.register(scalar, {
        routePrefix: '/docs',
        // By default Scalar loads fonts, sends telemetry and proxies requests through third-party servers.
        configuration: {
          url: '/openapi.json',
          favicon: '/favicon.svg',
          withDefaultFonts: false,
          telemetry: false,
          agent: { disabled: true },
          proxyUrl: '',
          showDeveloperTools: 'never',
          hideClientButton: true,
        } as object,
      });
    });
  });
}

const DOCUMENTATION_POLICY =
  "default-src 'none'; script-src 'self' 'unsafe-inline'; style-src 'self' 'unsafe-inline'; font-src 'self' data:; img-src 'self' data: blob:; connect-src 'self'; worker-src 'self' blob:; base-uri 'none'; frame-ancestors 'none'";
