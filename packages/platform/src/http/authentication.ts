import { hash, timingSafeEqual } from 'node:crypto';
import { AppError } from '@prodigon/contracts';
import type { FastifyRequest, RouteOptions } from 'fastify';
import fp from 'fastify-plugin';

/**
 * The clients that a route admits: all (`public`), API clients (`caller`), operator tools such as a metrics scraper
 * (`operator`) or the other services (`internal`).
 */
export type RouteAccess = 'public' | 'caller' | 'operator' | 'internal';

declare module 'fastify' {
  interface FastifyContextConfig {
    access?: RouteAccess;
    /** Whether the body may be large and take long to arrive. */
    isUpload?: boolean;
    /** Whether probes and metrics scrapers call the route. */
    isOperational?: boolean;
  }
}

export interface AuthenticationOptions {
  /** API keys of clients. When the list is empty, clients need no key. */
  readonly apiKeys: readonly string[];
  readonly internalToken: string;
  /** Whether metrics need no key, for servers that only this machine can reach. */
  readonly openMetrics: boolean;
}

/** Checks the credentials of every request against its route's `access`. The server does not start when a route has none. */
export const authentication = fp<AuthenticationOptions>(async (app, { apiKeys, internalToken, openMetrics }) => {
  const isInternal = createKeyCheck([internalToken]);
  const isCaller = apiKeys.length === 0 ? () => true : createKeyCheck(apiKeys);
  const isOperator = (key: string | undefined) =>
    isInternal(key) || (openMetrics && isCaller(key)) || (apiKeys.length > 0 && isCaller(key));
  const allows: Record<RouteAccess, (request: FastifyRequest) => boolean> = {
    public: () => true,
    caller: apiKeys.length === 0 ? () => true : (request) => isCaller(bearerOf(request.headers.authorization)),
    operator: (request) => isOperator(bearerOf(request.headers.authorization)),
    internal: (request) => isInternal(bearerOf(request.headers.authorization)),
  };

  const routes: RouteOptions[] = [];
  app.addHook('onRoute', (route) => {
    routes.push(route);
  });
  app.addHook('onReady', async () => {
    const unprotected = routes.filter(({ config }) => !config?.access).map(({ method, url }) => `${method} ${url}`);
    if (unprotected.length > 0) throw new Error(`These routes do not declare their access: ${unprotected.join(', ')}`);
  });

  app.addHook('onRequest', (request, _reply, done) => {
    // An unknown path has no access and returns 404 to anyone.
    const access = request.routeOptions.config.access ?? 'public';
    done(allows[access](request) ? undefined : new AppError('UNAUTHENTICATED'));
  });
});

/** Returns the key in an `Authorization` header. */
export function bearerOf(authorization: string | undefined): string | undefined {
  return /^Bearer\s+(\S+)$/i.exec(authorization ?? '')?.[1];
}

/** Compares digests in constant time, so that response times reveal neither the length nor a prefix of a key. */
export function createKeyCheck(keys: readonly string[]): (key: string | undefined) => boolean {
  const digest = (text: string) => hash('sha256', text, 'buffer');
  const known = keys.map(digest);
  return (key) => {
    if (key === undefined) return false;
    const given = digest(key);
    return known.reduce((found, each) => timingSafeEqual(each, given) || found, false);
  };
}
