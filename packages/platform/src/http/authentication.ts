import { hash, timingSafeEqual } from 'node:crypto';
import { AppError } from '@prodigon/contracts';
import type { FastifyRequest, RouteOptions } from 'fastify';
import fp from 'fastify-plugin';

/**
 * Who may use a route: anybody (`public`), who calls the API (`caller`), the operator's own tools
 * (`operator`: metrics) or our other services (`internal`).
 */
export type RouteAccess = 'public' | 'caller' | 'operator' | 'internal';

declare module 'fastify' {
  interface FastifyContextConfig {
    access?: RouteAccess;
    /** Its body may be large, and take long to arrive. */
    isUpload?: boolean;
  }
}

export interface AuthenticationOptions {
  /** Keys of callers; none means that callers need none. */
  apiKeys: readonly string[];
  internalToken: string;
  /** Whether callers without a key may read the metrics: only where nobody but this machine gets here. */
  openMetrics: boolean;
}

/** One place decides for every route. A route without a policy fails the start. */
export const authentication = fp<AuthenticationOptions>(async (app, { apiKeys, internalToken, openMetrics }) => {
  const isInternal = createKeyCheck([internalToken]);
  const isCaller = apiKeys.length === 0 ? () => true : createKeyCheck(apiKeys);
  const isOperator = (key: string | undefined) =>
    isInternal(key) || (openMetrics && isCaller(key)) || (apiKeys.length > 0 && isCaller(key));
  const allows: Record<RouteAccess, (request: FastifyRequest) => boolean> = {
    public: () => true,
    caller: apiKeys.length === 0 ? () => true : (request) => isCaller(bearerOf(request)),
    operator: (request) => isOperator(bearerOf(request)),
    internal: (request) => isInternal(bearerOf(request)),
  };

  const routes: RouteOptions[] = [];
  app.addHook('onRoute', (route) => {
    routes.push(route);
  });
  app.addHook('onReady', async () => {
    const open = routes.filter(({ config }) => !config?.access).map(({ method, url }) => `${method} ${url}`);
    if (open.length > 0) throw new Error(`These routes say nothing about who may use them: ${open.join(', ')}`);
  });

  app.addHook('onRequest', (request, _reply, done) => {
    // What matches no route is answered like any other unknown path, so only callers may ask.
    const policy = request.routeOptions.config.access ?? 'public';
    done(allows[policy](request) ? undefined : new AppError('UNAUTHENTICATED'));
  });
});

function bearerOf(request: FastifyRequest): string | undefined {
  return /^Bearer\s+(\S+)$/i.exec(request.headers.authorization ?? '')?.[1];
}

/** Compares digests in constant time, so neither a key's length nor its first letters can be timed. */
function createKeyCheck(keys: readonly string[]): (key: string | undefined) => boolean {
  const digest = (text: string) => hash('sha256', text, 'buffer');
  const known = keys.map(digest);
  return (key) => {
    if (key === undefined) return false;
    const given = digest(key);
    return known.reduce((found, each) => timingSafeEqual(each, given) || found, false);
  };
}
