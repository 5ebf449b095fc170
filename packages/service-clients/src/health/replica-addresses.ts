import { setTimeout } from 'node:timers/promises';
import {
  isDiscoverable,
  type LookUpAddresses,
  lookUpAddresses,
  RESOLVE_EVERY_MS,
  withAddress,
} from '../transport/host-addresses.ts';

export interface ReplicaAddressesOptions {
  /** One URL for each replica. The host of a URL can be a name with one address for each replica. */
  readonly urls: readonly string[];
  /** How long the first resolution may take. */
  readonly timeoutMs: number;
  readonly lookUp?: LookUpAddresses;
  /** Milliseconds on a clock that never goes back. */
  readonly now?: () => number;
}

export interface ReplicaAddress {
  /** From 1. An address keeps its number while its name lists it, and a new address gets the lowest free number. */
  readonly number: number;
  readonly url: string;
  /** The Host header, which names the host and its port. */
  readonly host: string;
}

type Found = Omit<ReplicaAddress, 'number'>;

/**
 * Returns a function that returns the addresses of all replicas of a service. It resolves host names again every 5 seconds
 * while it is called. A name that cannot be resolved keeps its last addresses, and counts as one address without them.
 */
export function createReplicaAddresses(options: ReplicaAddressesOptions): () => Promise<readonly ReplicaAddress[]> {
  const { urls, timeoutMs, lookUp = lookUpAddresses, now = () => performance.now() } = options;
  let found: readonly (readonly Found[])[] = urls.map((url) => [{ url, host: new URL(url).host }]);
  let addresses = toNumbered(found.flat(), []);
  let resolvedAt = urls.some(isDiscoverable) ? null : Number.POSITIVE_INFINITY;
  let resolving: Promise<void> | null = null;

  async function findAddresses(before: readonly Found[], url: string): Promise<readonly Found[]> {
    if (!isDiscoverable(url)) return before;
    const { hostname, host } = new URL(url);
    const listed = await lookUp(hostname).catch(() => []);
    if (listed.length === 0) return before;
    return [...new Set(listed)].sort().map((address) => ({ url: withAddress(url, address), host }));
  }

  async function resolve(): Promise<void> {
    found = await Promise.all(found.map((before, index) => findAddresses(before, urls[index] ?? '')));
    addresses = toNumbered(found.flat(), addresses);
    resolvedAt = now();
    resolving = null;
  }

  return async () => {
    if (resolvedAt !== null && now() - resolvedAt < RESOLVE_EVERY_MS) return addresses;
    resolving ??= resolve();
    if (resolvedAt === null) await Promise.race([resolving, setTimeout(timeoutMs, undefined, { ref: false })]);
    return addresses;
  };
}

/** Returns the addresses with their numbers. Those in `before` keep them. */
function toNumbered(found: readonly Found[], before: readonly ReplicaAddress[]): readonly ReplicaAddress[] {
  const numbered = before.filter(({ url }) => found.some((each) => each.url === url));
  for (const each of found) {
    if (numbered.some(({ url }) => url === each.url)) continue;
    let number = 1;
    while (numbered.some((other) => other.number === number)) number += 1;
    numbered.push({ number, ...each });
  }
  return numbered.sort((one, other) => one.number - other.number);
}
