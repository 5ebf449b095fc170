import { AppError } from '@prodigon/contracts';
import fp from 'fastify-plugin';
import { isLoopback } from '../config/load-configuration.ts';

export interface CorsOptions {
  /** Name under which we are reached besides loopback. */
  host: string;
  /** Origins of other pages that may call us, e.g. `https://chat.example.com`. */
  allowedOrigins: readonly string[];
  /** With keys, a foreign page has nothing to send, so any `Host` will do. */
  checksHost: boolean;
}

const EXPOSED = [
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
  ...['limit', 'remaining', 'reset'].flatMap((what) => [`X-RateLimit-${what}-requests`, `X-RateLimit-${what}-tokens`]),
].join(', ');
/** Names of headers, as a preflight lists them. */
const HEADER_NAMES = /^[\w-]+(\s*,\s*[\w-]+){0,63}$/;

/**
 * Keeps foreign web pages out of a service that trusts who can reach it: the `Host` is checked against
 * DNS rebinding, the `Origin` against cross-site calls, and CORS tells allowed pages what they may read.
 */
export const cors = fp<CorsOptions>(async (app, { host, allowedOrigins, checksHost }) => {
  const allowedHosts = new Set([host, ...allowedOrigins.map((origin) => hostnameOf(origin))]);
  // Reading a URL at each request showed in a profile, and nearly all of them name the same host.
  let knownHost: string | undefined;
  const isAllowedHost = (name: string) => isLoopback(name) || allowedHosts.has(name);

  app.addHook('onRequest', (request, reply, done) => {
    const { host = '' } = request.headers;
    if (checksHost && host !== knownHost) {
      const hostname = hostnameOf(`http://${host}`);
      const isOurs = hostname !== '' && isAllowedHost(hostname);
      if (!isOurs)
        return done(
          new AppError(
            'FORBIDDEN',
            'The Host header names a host that is not ours. Add its origin to ALLOWED_ORIGINS to serve it.',
          ),
        );
      knownHost = host;
    }
    const { origin } = request.headers;
    if (origin === undefined) return done();
    const isAllowed =
      allowedOrigins.includes(origin) || isLoopback(hostnameOf(origin)) || origin.endsWith(`//${request.headers.host}`);
    if (!isAllowed)
      return done(
        new AppError('FORBIDDEN', 'Pages of this origin may not call this API. Add it to ALLOWED_ORIGINS to allow it.'),
      );

    reply.header('access-control-allow-origin', origin).header('vary', 'Origin').header('access-control-expose-headers', EXPOSED);
    if (request.method !== 'OPTIONS' || !request.headers['access-control-request-method']) return done();
    // Clients bring headers of their own, e.g. `X-Stainless-Lang`. Which of them mean something is not decided here.
    const asked = request.headers['access-control-request-headers'] ?? '';
    reply
      .header('access-control-allow-methods', 'GET, POST, PUT, PATCH, DELETE')
      .header('access-control-allow-headers', HEADER_NAMES.test(asked) ? asked : '')
      .header('access-control-max-age', '600')
      .code(204)
      .send();
  });
});

function hostnameOf(origin: string): string {
  return URL.parse(origin)?.hostname ?? '';
}
