import { AppError } from '@prodigon/contracts';
import type { KeyRecord } from '@prodigon/ports';
import type { FastifyPluginAsync } from 'fastify';
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { onTestFinished } from 'vitest';
import { z } from 'zod';
import { createLogger } from '../telemetry/logger.ts';
import { createMetrics } from '../telemetry/metrics.ts';
import type { ClientAuthentication } from './authentication.ts';
import { createHttpServer, type HttpServerOptions } from './create-http-server.ts';
import { createSseWriter } from './sse-writer.ts';

/** An API key that clients may use. */
export const KEY = 'key-of-the-caller-0123';
/** The token that services send to each other. */
export const INTERNAL = 'token-of-the-services-0123';

const routes: FastifyPluginAsyncZod = async (app) => {
  const body = z.strictObject({ name: z.string().max(5), tags: z.array(z.string()).optional() });
  app.get('/caller', { config: { access: 'caller' } }, async ({ principal }) => principal);
  app.get('/admin', { config: { access: 'admin' } }, async ({ principal }) => principal);
  app.post('/things', { config: { access: 'caller' }, schema: { body } }, async ({ body }) => body);
  app.get('/things/:id', { config: { access: 'public' } }, async ({ ip }) => ({ ip }));
  app.get('/metrics', { config: { access: 'operator', isOperational: true } }, async () => 'metrics');
  app.get('/inside', { config: { access: 'internal' } }, async () => 'inside');
  app.get('/stream', { config: { access: 'public' } }, async (_request, reply) => {
    const writer = createSseWriter(reply, { heartbeatMs: 0 });
    writer.open();
    await writer.write('data: started\n\n');
    return reply;
  });
  app.get('/broken', { config: { access: 'public' } }, async () => {
    throw new Error('the password is hunter2');
  });
  app.get('/failing', { config: { access: 'public' } }, async () => {
    throw new AppError('INFERENCE_ERROR', undefined, {
      cause: new Error('Bearer abcdefgh12345678 was refused, sk-live-0123456789'),
    });
  });
};

/** Returns a key with a name and an owner of its own. */
export const keyOf = (changes: Partial<KeyRecord> = {}): KeyRecord => ({
  id: '01989f3e-2a54-7c3b-9d0e-6f2b8a1c4d5e',
  name: 'laptop',
  ownerId: 'ada',
  role: 'member',
  parentId: null,
  createdAt: null,
  lastUsedAt: null,
  expiresAt: null,
  revokedAt: null,
  previousExpiresAt: null,
  limits: { requests_per_min: null, tokens_per_min: null, streams: null },
  budget: { usd_per_day: null, usd_per_month: null, tokens_per_day: null, tokens_per_month: null },
  models: null,
  ...changes,
});

const createFakeDirectory = (values: readonly string[]): ClientAuthentication['keys'] => ({
  authenticate: (value) => (values.includes(value) ? keyOf() : null),
});

/** Creates a server with a few routes of each kind of access, and keeps its log. */
export async function setUp(
  options: Partial<HttpServerOptions> & {
    /** Clients need one of these keys. */
    apiKeys?: string[];
    openMetrics?: boolean;
    logLevel?: string;
    clients?: Partial<ClientAuthentication>;
  } = {},
) {
  const lines: string[] = [];
  const app = await createHttpServer({
    service: 'test',
    logger: createLogger({
      service: 'test',
      level: options.logLevel ?? 'info',
      secrets: [KEY, INTERNAL],
      destination: { write: (line) => void lines.push(line) },
    }),
    metrics: createMetrics(),
    authentication: {
      clients: {
        keys: createFakeDirectory(options.apiKeys ?? []),
        isKeyRequired: options.apiKeys !== undefined,
        ...options.clients,
      },
      internalToken: INTERNAL,
      openMetrics: options.openMetrics ?? true,
    },
    cors: { host: '127.0.0.1', allowedOrigins: ['https://chat.example.com'], checksHost: !options.apiKeys },
    plugins: [routes as FastifyPluginAsync],
    ...options,
  });
  onTestFinished(() => app.close());
  const post = (payload: string | Buffer, headers: Record<string, string> = {}) =>
    app.inject({
      method: 'POST',
      url: '/things',
      payload,
      headers: { host: '127.0.0.1', 'content-type': 'application/json', ...headers },
    });
  const get = (url: string, headers: Record<string, string> = {}) =>
    app.inject({ url, headers: { host: '127.0.0.1', ...headers } });
  return { app, post, get, log: () => lines.join('') };
}

/** Returns the status and the error code of a response. */
export const errorOf = (response: { statusCode: number; json: () => { error: { code: string } } }) => [
  response.statusCode,
  response.json().error.code,
];
