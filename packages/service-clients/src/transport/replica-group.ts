import { createDnsDiscovery, type DnsDiscoveryOptions } from './dns-discovery.ts';
import { isDiscoverable } from './host-addresses.ts';
import { balanceReplicas, createLoadBalancer } from './load-balancer.ts';
import { createReplica, type Replica, unreferencedTimeout } from './replica.ts';
import type { Transport } from './transport.ts';

export interface ReplicaGroupOptions extends Pick<DnsDiscoveryOptions, 'lookUp' | 'after'> {
  /** One URL for each replica. The host of a URL can be a name with one address for each replica. */
  readonly urls: readonly string[];
  readonly connectTimeoutMs: number;
  /** Creates the transport to one replica. */
  readonly createTransport: (baseUrl: string) => Transport;
}

/** All replicas of a service. */
export interface ReplicaGroup {
  /** Balances requests over the replicas. */
  readonly transport: Transport;
  /** Returns the transport to each current replica. When no host name can be resolved, requests fail with the reason. */
  replicas(): Promise<readonly Transport[]>;
}

/** Creates the replicas behind the URLs of a service. Host names are resolved again regularly. */
export function createReplicaGroup({ urls, ...options }: ReplicaGroupOptions): ReplicaGroup {
  const { createTransport, after = unreferencedTimeout } = options;
  if (!urls.some(isDiscoverable)) {
    const transports = urls.map(createTransport);
    return { transport: createLoadBalancer({ transports, after }), replicas: async () => transports };
  }
  const sources = urls.map((baseUrl) =>
    isDiscoverable(baseUrl)
      ? createDnsDiscovery({ baseUrl, ...options })
      : createFixedReplica(createReplica({ transport: createTransport(baseUrl), after })),
  );
  const known = () => sources.flatMap(({ replicas }) => replicas);
  let isResolved = false;

  async function replicas(): Promise<readonly Replica[]> {
    // After the first request, a name that cannot be resolved must not delay requests that other replicas can process.
    if (isResolved && known().length > 0) return known();
    isResolved = true;
    const results = await Promise.allSettled(sources.map((source) => source.resolve()));
    const failure = results.find((result) => result.status === 'rejected');
    if (known().length === 0 && failure) throw failure.reason;
    return known();
  }

  const close = async () => void (await Promise.all(sources.map((source) => source.close())));
  const transport = balanceReplicas({ replicas, close });
  return { transport, replicas: () => replicas().catch(() => [transport]) };
}

function createFixedReplica(replica: Replica) {
  return { replicas: [replica], resolve: async () => {}, close: () => replica.close() };
}
