import { isIPv6 } from 'node:net';
import { networkInterfaces } from 'node:os';

const ALL_ADDRESSES: ReadonlySet<string> = new Set(['0.0.0.0', '::']);

/** Returns the URL at which other gateways reach a server of this process. A server on all addresses has its first external one. */
export function internalUrl(host: string, port: number, interfaces = networkInterfaces()): string {
  const address = ALL_ADDRESSES.has(host) ? externalAddress(interfaces) : host;
  return `http://${isIPv6(address) ? `[${address}]` : address}:${port}`;
}

/** Prefers IPv4, which every network of containers has. */
function externalAddress(interfaces: ReturnType<typeof networkInterfaces>): string {
  const external = Object.values(interfaces)
    .flatMap((addresses) => addresses ?? [])
    // A link-local address is valid only together with an interface.
    .filter(({ internal, address }) => !internal && !/^(?:fe80:|169\.254\.)/i.test(address));
  return (external.find(({ family }) => family === 'IPv4') ?? external[0])?.address ?? '127.0.0.1';
}
