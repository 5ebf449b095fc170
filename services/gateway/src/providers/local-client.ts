import type { IncomingHttpHeaders } from 'node:http';
import { isLoopback } from '@prodigon/platform';

/** The properties of a request that show where it comes from. */
export interface RequestOrigin {
  /** The address of the connection's other end. */
  readonly remoteAddress: string | undefined;
  readonly headers: IncomingHttpHeaders;
}

/** Headers that only proxies set. A request with one may come from any machine, even if the proxy runs on this one. */
const PROXY_HEADERS = [
  'forwarded',
  'via',
  'x-forwarded-for',
  'x-forwarded-host',
  'x-forwarded-proto',
  'x-real-ip',
  'cf-connecting-ip',
  'true-client-ip',
];

/**
 * Returns why a request does not come from this machine and, if a browser sent it, from a page of this platform. Returns
 * null when it does.
 */
export function findRemoteOrigin({ remoteAddress = '', headers }: RequestOrigin): string | null {
  if (!isLoopback(remoteAddress.replace(/^::ffff:/, ''))) return 'Provider settings can be changed from the same machine only.';
  if (PROXY_HEADERS.some((name) => headers[name] !== undefined))
    return 'Provider settings cannot be changed through a proxy. Open the platform on its own address.';
  const { host = '', origin, 'sec-fetch-site': site } = headers;
  if (!isLoopback(URL.parse(`http://${host}`)?.hostname ?? ''))
    return 'Provider settings can be changed at localhost or 127.0.0.1 only.';
  // Another page on this machine, e.g. of a development server, could run code that its author does not control.
  const isForeign =
    origin !== undefined ? origin !== `http://${host}` : site !== undefined && site !== 'same-origin' && site !== 'none';
  return isForeign ? 'Provider settings can be changed from the pages of this platform only.' : null;
}
