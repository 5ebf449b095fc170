import swagger from '@fastify/swagger';
import scalar from '@scalar/fastify-api-reference';
import type { FastifyInstance } from 'fastify';
import fp from 'fastify-plugin';
import { createJsonSchemaTransform, createJsonSchemaTransformObject } from 'fastify-type-provider-zod';

/** Serves the OpenAPI document at `/openapi.json` and the API reference at `/docs`. Register it before the routes. */
export function openApiRoutes({ version }: { version: string }) {
  return fp(async (app: FastifyInstance) => {
    await app.register(swagger, {
      openapi: {
        openapi: '3.1.0',
        info: {
          title: 'Prodigon',
          version,
          description: 'The public API of the Prodigon platform.',
          license: { name: 'MIT', identifier: 'MIT' },
        },
        components: {
          securitySchemes: { key: { type: 'http', scheme: 'bearer', description: 'Required only if API_KEYS is set' } },
        },
        security: [{}, { key: [] }],
      },
      transform: createJsonSchemaTransform({}),
      transformObject: createJsonSchemaTransformObject({}),
    });

    app.get('/openapi.json', { config: { access: 'public' }, schema: { hide: true } as object }, async () => app.swagger());

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
