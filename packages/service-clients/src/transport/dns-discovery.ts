import { type LookUpAddresses, lookUpAddresses, RESOLVE_EVERY_MS, withAddress } from './host-addresses.ts';
import { createReplica, type Replica, type ReplicaOptions, unreferencedTimeout } from './replica.ts';
import { ConnectionError, type Transport } from './transport.ts';

export interface DnsDiscoveryOptions {
  /** A URL whose host `isDiscoverable`. */
  readonly baseUrl: string;
  /** Creates the transport to one address, as a URL. */
  readonly createTransport: (baseUrl: string) => Transport;
  readonly connectTimeoutMs: number;
  readonly lookUp?: LookUpAddresses;
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
      const transport = keepHost(createTransport(withAddress(baseUrl, address)), host);
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

/** Sends the name in the Host header, for proxies that select a service by it. */
function keepHost(transport: Transport, host: string): Transport {
  return {
    send: (request) => transport.send({ ...request, headers: { ...request.headers, host } }),
    close: () => transport.close(),
  };
}
