import type { IncomingHttpHeaders } from 'node:http';
import { isLoopback } from '@prodigon/platform';

/** The properties of a request that show its origin. */
export interface RequestOrigin {
  /** The address of the connection's other end. */
  readonly remoteAddress: string | undefined;
  readonly headers: IncomingHttpHeaders;
}

/** Headers that only proxies set. A request with such a header may come from any machine, even if the proxy runs on this one. */
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

/** Returns whether an address leads to the platform itself, which the client has reached at `host`. */
export function isOwnAddress(address: string, host: string): boolean {
  const [target, own] = [URL.parse(address), URL.parse(`http://${host}`)];
  if (!target || !own || target.protocol !== own.protocol || target.port !== own.port) return false;
  return target.hostname === own.hostname || (isLoopback(target.hostname) && isLoopback(own.hostname));
}

/**
 * Returns why a request does not come from this machine and, if a browser sent it, from a page of this platform. Returns
 * null when it does.
 */
export function findRemoteOrigin({ remoteAddress = '', headers }: RequestOrigin): string | null {
  if (!isLoopback(remoteAddress.replace(/^::ffff:/, ''))) return 'Only clients on the same machine can change provider settings.';
  if (PROXY_HEADERS.some((name) => headers[name] !== undefined))
    return 'Clients behind a proxy cannot change provider settings. Open the platform at its own address.';
  const { host = '', origin, 'sec-fetch-site': site } = headers;
  if (!isLoopback(URL.parse(`http://${host}`)?.hostname ?? ''))
    return 'To change provider settings, open the platform at localhost or 127.0.0.1.';
  // A page of another server on this machine, e.g. a development server, could run untrusted code.
  const isForeign =
    origin !== undefined ? origin !== `http://${host}` : site !== undefined && site !== 'same-origin' && site !== 'none';
  return isForeign ? 'Only pages of this platform can change provider settings.' : null;
}
