import dns from 'node:dns/promises';
import { isIP } from 'node:net';
import { isLoopback } from '@prodigon/platform';
import { createReplica, type Replica, type ReplicaOptions, unreferencedTimeout } from './replica.ts';
import { ConnectionError, type Transport } from './transport.ts';

export interface DnsDiscoveryOptions {
  /** A URL whose host `isDiscoverable`. */
  readonly baseUrl: string;
  /** Creates the transport to one address, as a URL. */
  readonly createTransport: (baseUrl: string) => Transport;
  readonly connectTimeoutMs: number;
  /** Returns the addresses of a host name. Rejects when it has none. */
  readonly lookUp?: (hostname: string) => Promise<readonly string[]>;
  readonly after?: ReplicaOptions['after'];
}

/** The replicas behind a host name. */
export interface DnsDiscovery {
  /** The replicas that the name has last resolved to. Empty before the first resolution. */
  readonly replicas: readonly Replica[];
  /** Resolves the name immediately, and from then on regularly. Rejects with a `ConnectionError` after `connectTimeoutMs`. */
  resolve(): Promise<void>;
  close(): Promise<void>;
}

const RESOLVE_EVERY_MS = 5_000;

/** Returns whether the host of a URL is a name that can have several addresses. TLS would need the name for its certificate. */
export function isDiscoverable(baseUrl: string): boolean {
  const { protocol, hostname } = new URL(baseUrl);
  return protocol === 'http:' && isIP(hostname.replace(/^\[|\]$/g, '')) === 0 && !isLoopback(hostname);
}

/**
 * Creates a discovery of the replicas behind a host name: each address is one. After the first resolution, the name is
 * resolved every 5 seconds. An address that disappears receives no new requests, and its open ones finish. While the name
 * cannot be resolved, the last addresses stay.
 */
export function createDnsDiscovery(options: DnsDiscoveryOptions): DnsDiscovery {
  const { baseUrl, createTransport, connectTimeoutMs, lookUp = lookUpAddresses, after = unreferencedTimeout } = options;
  const { host, hostname } = new URL(baseUrl);
  const known = new Map<string, Replica>();
  let replicas: readonly Replica[] = [];
  let resolving: Promise<void> | undefined;
  let isClosed = false;
  let cancelTimer = () => {};

  async function refresh(): Promise<void> {
    const addresses = [...new Set(await lookUp(hostname))];
    if (isClosed) return;
    for (const address of addresses) {
      if (known.has(address)) continue;
      const transport = keepHost(createTransport(toUrl(baseUrl, address)), host);
      known.set(address, createReplica({ transport, after }));
    }
    replicas = addresses.flatMap((address) => known.get(address) ?? []);
    for (const [address, replica] of known) {
      if (addresses.includes(address) || replica.pending > 0) continue;
      known.delete(address);
      void replica.close();
    }
  }

  function refreshRegularly(): Promise<void> {
    cancelTimer();
    resolving ??= refresh().finally(() => {
      resolving = undefined;
      if (!isClosed) cancelTimer = after(RESOLVE_EVERY_MS, () => void refreshRegularly().catch(() => {}));
    });
    return resolving;
  }

  return {
    get replicas() {
      return replicas;
    },
    async resolve() {
      const { promise: timeout, reject } = Promise.withResolvers<never>();
      const cancelTimeout = after(connectTimeoutMs, () => reject(new Error(`Resolving took over ${connectTimeoutMs} ms`)));
      try {
        await Promise.race([refreshRegularly(), timeout]);
      } catch (cause) {
        throw new ConnectionError('Resolving the host name failed', { isRequestSent: false, cause });
      } finally {
        cancelTimeout();
      }
    },
    async close() {
      isClosed = true;
      cancelTimer();
      await Promise.all([...known.values()].map((replica) => replica.close()));
    },
  };
}

/** Returns the addresses of one family, because a machine with IPv4 and IPv6 is one replica. */
async function lookUpAddresses(hostname: string): Promise<string[]> {
  const addresses = await dns.lookup(hostname, { all: true });
  const ipv4 = addresses.filter(({ family }) => family === 4);
  return (ipv4.length > 0 ? ipv4 : addresses).map(({ address }) => address);
}

function toUrl(baseUrl: string, address: string): string {
  const url = new URL(baseUrl);
  url.hostname = isIP(address) === 6 ? `[${address}]` : address;
  return url.href.replace(/\/$/, '');
}

/** Sends the name in the Host header, for proxies that select a service by it. */
function keepHost(transport: Transport, host: string): Transport {
  return {
    send: (request) => transport.send({ ...request, headers: { ...request.headers, host } }),
    close: () => transport.close(),
  };
}
