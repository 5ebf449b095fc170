import { BlockList, isIP } from 'node:net';
import { isLoopback } from '../config/load-configuration.ts';
import type { Configuration } from '../config/settings.ts';

/** The settings of proxies. */
export type ProxySettings = Partial<Pick<Configuration, 'HTTPS_PROXY' | 'HTTP_PROXY' | 'NO_PROXY'>>;

/** Returns the URL of the proxy for an origin, or undefined for a direct connection. Loopback addresses have no proxy. */
export function findProxy({ HTTPS_PROXY, HTTP_PROXY, NO_PROXY = [] }: ProxySettings, origin: string): string | undefined {
  const { protocol, hostname, port } = new URL(origin);
  const proxy = protocol === 'https:' ? HTTPS_PROXY : HTTP_PROXY;
  const target = { host: hostname.replace(/^\[|\]$/g, ''), port: port || (protocol === 'https:' ? '443' : '80') };
  return isLoopback(target.host) || NO_PROXY.some((entry) => matches(entry.toLowerCase(), target)) ? undefined : proxy;
}

interface Target {
  /** An address without brackets, or a name in lower case. */
  readonly host: string;
  readonly port: string;
}

/** Matches `*`, an address, a CIDR range, or a name with its subdomains; each but the first may have a port. As in curl. */
function matches(entry: string, { host, port }: Target): boolean {
  if (entry === '*') return true;
  if (entry.includes('/')) return isInRange(host, entry);
  const [, name = entry, entryPort] = /^(\[.*\]|[^:]*):(\d+)$/.exec(entry) ?? [];
  if (entryPort !== undefined && entryPort !== port) return false;
  const bare = name.replace(/^\[|\]$/g, '').replace(/^\*?\./, '');
  return host === bare || (isIP(host) === 0 && host.endsWith(`.${bare}`));
}

function isInRange(host: string, range: string): boolean {
  const [network = '', prefix] = range.split('/');
  const version = isIP(network);
  if (version === 0 || isIP(host) !== version) return false;
  const type = version === 4 ? 'ipv4' : 'ipv6';
  const bits = Number(prefix);
  if (!(Number.isInteger(bits) && bits >= 0 && bits <= (version === 4 ? 32 : 128))) return false;
  const list = new BlockList();
  list.addSubnet(network, bits, type);
  return list.check(host, type);
}
