import fastifyCors from '@fastify/cors';
import { AppError } from '@prodigon/contracts';
import fp from 'fastify-plugin';
import { isLoopback } from '../config/load-configuration.ts';

export interface CorsOptions {
  /** The host name that clients use besides loopback. */
  readonly host: string;
  /** Origins of other web pages that may call the API, e.g. `https://chat.example.com`. */
  readonly allowedOrigins: readonly string[];
  /** Whether to check the Host header. With API keys a foreign page has no credentials, so any Host is fine. */
  readonly checksHost: boolean;
}

const EXPOSED_HEADERS = [
  'X-Request-ID',
  'X-Process-Time',
  'X-Should-Retry',
  'Retry-After',
  'Traceparent',
  'X-Prodigon-Provider',
  'X-Prodigon-Model',
  'X-Prodigon-Attempts',
  'X-Prodigon-Warning',
  'OpenAI-Processing-Ms',
  ...['limit', 'remaining', 'reset'].flatMap((field) => [`X-RateLimit-${field}-requests`, `X-RateLimit-${field}-tokens`]),
].join(', ');

/**
 * Protects a service without credentials from foreign web pages. The Host check prevents DNS rebinding, and the
 * Origin check rejects cross-site requests with 403. CORS headers list the response headers that allowed pages may read.
 */
export const cors = fp<CorsOptions>(async (app, { host, allowedOrigins, checksHost }) => {
  const allowedHosts = new Set([host, ...allowedOrigins.map(hostnameOf)]);
  // Caches the last host: parsing a URL for each request was measurable, and nearly all requests name the same host.
  let lastAllowedHost: string | undefined;

  function isAllowedHost(name: string): boolean {
    if (name === lastAllowedHost) return true;
    const hostname = hostnameOf(`http://${name}`);
    if (hostname === '' || !(isLoopback(hostname) || allowedHosts.has(hostname))) return false;
    lastAllowedHost = name;
    return true;
  }

  const isAllowedOrigin = (origin: string, requestHost: string) =>
    allowedOrigins.includes(origin) || isLoopback(hostnameOf(origin)) || origin.endsWith(`//${requestHost}`);

  app.addHook('onRequest', (request, _reply, done) => {
    const { host: requestHost = '', origin } = request.headers;
    if (checksHost && !isAllowedHost(requestHost)) {
      return done(
        new AppError('FORBIDDEN', 'The Host header names an unknown host. Add its origin to ALLOWED_ORIGINS to serve it.'),
      );
    }
    if (origin !== undefined && !isAllowedOrigin(origin, requestHost)) {
      return done(
        new AppError('FORBIDDEN', 'Pages of this origin may not call this API. Add it to ALLOWED_ORIGINS to allow it.'),
      );
    }
    done();
  });

  // Only requests with an allowed Origin, or without one, reach this plugin.
  await app.register(fastifyCors, {
    origin: (origin, callback) => callback(null, origin !== undefined),
    methods: 'GET, POST, PUT, PATCH, DELETE',
    exposedHeaders: EXPOSED_HEADERS,
    maxAge: 600,
    strictPreflight: false,
  });
});

function hostnameOf(origin: string): string {
  return URL.parse(origin)?.hostname ?? '';
}
