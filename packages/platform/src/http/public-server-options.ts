import { isLoopback } from '../config/load-configuration.ts';
import type { Configuration } from '../config/settings.ts';
import type { HttpServerOptions } from './create-http-server.ts';

/** How a server that browsers and clients reach is guarded, by configuration. */
export function publicServerOptions(
  { HOST, API_KEYS, ALLOWED_ORIGINS, TRUSTED_PROXIES }: Configuration,
  internalToken: string,
): Pick<HttpServerOptions, 'authentication' | 'cors' | 'trustedProxies'> {
  return {
    authentication: { apiKeys: API_KEYS, internalToken, openMetrics: isLoopback(HOST) },
    cors: { host: HOST, allowedOrigins: ALLOWED_ORIGINS, checksHost: API_KEYS.length === 0 },
    trustedProxies: TRUSTED_PROXIES,
  };
}
