import fastifyCors from '@fastify/cors';
import { AppError } from '@prodigon/contracts';
import type { FastifyRequest } from 'fastify';
import fp from 'fastify-plugin';
import { isLoopback } from '../config/load-configuration.ts';

export interface CorsOptions {
  /** The host name that clients use besides loopback. */
  readonly host: string;
  /** Origins of other web pages and apps that may call the API, e.g. `https://chat.example.com` or `app://obsidian.md`. */
  readonly allowedOrigins: readonly string[];
  /** Whether every page on localhost may call the API. */
  readonly allowsLocalOrigins?: boolean;
  /** Whether to check the Host header. With API keys a foreign page has no credentials, so any Host is fine. */
  readonly checksHost: boolean;
}

const EXPOSED_HEADERS = [
  'X-Request-ID',
  'X-Process-Time',
  'X-Should-Retry',
  'Retry-After',
  'Traceparent',
  'ETag',
  'Link',
  'Content-Disposition',
  'Idempotent-Replayed',
  'Accept-Ranges',
  'Content-Range',
  'X-Prodigon-Provider',
  'X-Prodigon-Model',
  'X-Prodigon-Attempts',
  'X-Prodigon-Cache',
  'X-Prodigon-Warning',
  'X-Prodigon-Ignored-Tools',
  'OpenAI-Processing-Ms',
  ...['X-RateLimit', 'X-Prodigon-Upstream-RateLimit'].flatMap((name) =>
    ['limit', 'remaining', 'reset'].flatMap((field) => [`${name}-${field}-requests`, `${name}-${field}-tokens`]),
  ),
  'X-RateLimit-limit-streams',
  'X-RateLimit-remaining-streams',
].join(', ');

/**
 * Protects a service without credentials from foreign web pages. The Host check prevents DNS rebinding. The checks of
 * Origin and Sec-Fetch-Site reject cross-site requests with 403. CORS headers list the response headers that allowed
 * pages may read.
 */
export const cors = fp<CorsOptions>(async (app, { host, allowedOrigins, allowsLocalOrigins = true, checksHost }) => {
  // The name in an app's origin, e.g. `app://obsidian.md`, is not a host that serves this API.
  const allowedHosts = new Set([host, ...allowedOrigins.filter((origin) => /^https?:/.test(origin)).map(hostnameOf)]);
  // Caches the last host: parsing a URL for each request was measurable, and nearly all requests name the same host.
  let lastAllowedHost: string | undefined;

  function isAllowedHost(name: string): boolean {
    if (name === lastAllowedHost) return true;
    const hostname = hostnameOf(`http://${name}`);
    if (hostname === '' || !(isLoopback(hostname) || allowedHosts.has(hostname))) return false;
    lastAllowedHost = name;
    return true;
  }

  /** Probes and metrics scrapers of other machines address each replica by its own address. Metrics then need a token. */
  const acceptsAnyHost = (request: FastifyRequest) => request.routeOptions.config.isOperational === true && !isLoopback(host);

  const isAllowedOrigin = (origin: string, requestHost: string) =>
    allowedOrigins.includes(origin) ||
    (allowsLocalOrigins && isLoopback(hostnameOf(origin))) ||
    origin.endsWith(`//${requestHost}`);

  app.addHook('onRequest', (request, _reply, done) => {
    const { host: requestHost = '' } = request.headers;
    const origin = originOf(request);
    if (checksHost && !isAllowedHost(requestHost) && !acceptsAnyHost(request)) {
      return done(
        new AppError('FORBIDDEN', 'The Host header names an unknown host. Add its origin to ALLOWED_ORIGINS to serve it.'),
      );
    }
    const isPublicFile = request.routeOptions.config.isPublicFile === true;
    if (origin !== undefined && !isPublicFile && !isAllowedOrigin(origin, requestHost)) {
      return done(
        new AppError('FORBIDDEN', 'Pages of this origin may not call this API. Add it to ALLOWED_ORIGINS to allow it.'),
      );
    }
    done();
  });

  // Only requests with an allowed Origin, or without one, reach this plugin, except those for public files.
  await app.register(fastifyCors, {
    origin: (origin, callback) => callback(null, origin !== undefined),
    methods: 'GET, POST, PUT, PATCH, DELETE',
    exposedHeaders: EXPOSED_HEADERS,
    maxAge: 600,
    strictPreflight: false,
  });
});

/**
 * Returns the origin of the page that sent the request; undefined for other clients. Browsers omit Origin from requests
 * for scripts, images and frames, but mark them as cross-site. A link to this server is no such request.
 */
function originOf({ method, headers }: FastifyRequest): string | undefined {
  if (headers.origin !== undefined || headers['sec-fetch-site'] !== 'cross-site') return headers.origin;
  const isLink = headers['sec-fetch-mode'] === 'navigate' && headers['sec-fetch-dest'] === 'document';
  if (isLink && (method === 'GET' || method === 'HEAD')) return undefined;
  return URL.parse(headers.referer ?? '')?.origin ?? 'null';
}

function hostnameOf(origin: string): string {
  return URL.parse(origin)?.hostname ?? '';
}
