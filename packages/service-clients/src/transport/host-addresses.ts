import dns from 'node:dns/promises';
import { isIP } from 'node:net';
import { isLoopback } from '@prodigon/platform';

/** Returns the addresses of a host name. Rejects when it has none. */
export type LookUpAddresses = (hostname: string) => Promise<readonly string[]>;

/** How often a host name is resolved again, in milliseconds. */
export const RESOLVE_EVERY_MS = 5_000;

/** Returns whether the host of a URL is a name that can have several addresses. TLS would need the name for its certificate. */
export function isDiscoverable(baseUrl: string): boolean {
  const { protocol, hostname } = new URL(baseUrl);
  return protocol === 'http:' && isIP(hostname.replace(/^\[|\]$/g, '')) === 0 && !isLoopback(hostname);
}

/** Returns the addresses of one family, because a machine with IPv4 and IPv6 is one replica. */
export async function lookUpAddresses(hostname: string): Promise<string[]> {
  const addresses = await dns.lookup(hostname, { all: true });
  const ipv4 = addresses.filter(({ family }) => family === 4);
  return (ipv4.length > 0 ? ipv4 : addresses).map(({ address }) => address);
}

/** Returns the URL with an address instead of its host name. */
export function withAddress(baseUrl: string, address: string): string {
  const url = new URL(baseUrl);
  url.hostname = isIP(address) === 6 ? `[${address}]` : address;
  return url.href.replace(/\/$/, '');
}
