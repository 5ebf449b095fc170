import { AppError } from '@prodigon/contracts';
import { createHttpServer, createLogger, createMetrics } from '@prodigon/platform';
import type { CallContext, ConversationStore, PromptTemplateStore } from '@prodigon/ports';
import type { FastifyPluginAsync } from 'fastify';
import { onTestFinished } from 'vitest';
import { conversationsRoutes } from './conversations/conversations.routes.ts';
import { messagesRoutes } from './conversations/messages.routes.ts';
import type { CreateContext, ModelResolver } from './gateway-functions.ts';
import { templatesRoutes } from './templates/templates.routes.ts';
import { exportRoutes } from './transfer/export.routes.ts';
import { shareRoutes } from './transfer/share.routes.ts';

export interface RouteFakes {
  store?: Partial<ConversationStore>;
  templates?: Partial<PromptTemplateStore>;
  resolve?: ModelResolver['resolve'];
}

const KEYS: Readonly<Record<string, string>> = { 'key-of-ada-0123456789': 'ada' };

/** Starts a server with the routes of conversations over fakes, and collects their calls: method and parameters. */
export async function startChatRoutes({ store = {}, templates = {}, resolve }: RouteFakes) {
  const calls: [string, ...unknown[]][] = [];
  const record = <Port extends object>(port: object) =>
    new Proxy(port, {
      get:
        (target, name: string) =>
        (...parameters: unknown[]) => {
          calls.push([name, ...parameters]);
          const method = (target as Record<string, (...values: unknown[]) => unknown>)[name];
          if (!method) throw new Error(`The test has no ${name}.`);
          return method(...parameters);
        },
    }) as Port;
  const createContext: CreateContext = ({ id, principal }) => {
    if (!principal) throw new AppError('UNAUTHENTICATED');
    const { signal } = new AbortController();
    return { requestId: id, traceparent: '', principal, deadline: performance.now() + 1_000, signal } satisfies CallContext;
  };
  const catalog: ModelResolver = {
    resolve: resolve ?? (async (model) => ({ id: `${model}`, model: `${model}`, isOffline: true, warning: null })),
  };
  const conversations = record<ConversationStore>(store);
  const app = await createHttpServer({
    service: 'test',
    logger: createLogger({ service: 'test', level: 'fatal', secrets: [], destination: { write: () => {} } }),
    metrics: createMetrics(),
    authentication: {
      clients: { keys: { authenticate: (value) => (KEYS[value] ? keyOf(KEYS[value]) : null) }, isKeyRequired: true },
      internalToken: 'token-of-the-services-0123',
      openMetrics: true,
    },
    plugins: [
      conversationsRoutes({ store: conversations, catalog, createContext }),
      messagesRoutes({ store: conversations, createContext }),
      templatesRoutes({ store: record<PromptTemplateStore>(templates), createContext }),
      shareRoutes({ store: conversations, createContext }),
      exportRoutes({ store: conversations, createContext }),
    ] as FastifyPluginAsync[],
  });
  onTestFinished(() => app.close());

  async function call(route: string, body?: object, { key = 'key-of-ada-0123456789' }: { key?: string | null } = {}) {
    const [method, url = ''] = route.split(' ') as ['GET' | 'POST' | 'PATCH' | 'DELETE', string];
    const response = await app.inject({
      method,
      url,
      headers: {
        host: '127.0.0.1',
        ...(key && { authorization: `Bearer ${key}` }),
        ...(body && { 'content-type': 'application/json' }),
      },
      ...(body && { payload: JSON.stringify(body) }),
    });
    const { statusCode: status, headers, body: text } = response;
    return { status, headers, text, json: () => response.json(), code: () => response.json().error?.code };
  }
  return { calls, call };
}

const keyOf = (ownerId: string) => ({
  id: '01989f3e-2a54-7c3b-9d0e-6f2b8a1c4d5e',
  name: 'laptop',
  ownerId,
  role: 'member' as const,
  parentId: null,
  createdAt: null,
  lastUsedAt: null,
  expiresAt: null,
  revokedAt: null,
  previousExpiresAt: null,
  limits: { requests_per_min: null, tokens_per_min: null, streams: null },
  budget: { usd_per_day: null, usd_per_month: null, tokens_per_day: null, tokens_per_month: null },
  models: null,
});
