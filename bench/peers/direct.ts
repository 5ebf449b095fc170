import { type Peer, runningPeer } from './peer.ts';

/** Nobody between caller and provider: what provider and load generator can do at all. */
export const direct: Peer = {
  name: 'direct',
  hops: 0,
  start: async ({ providerUrl }) => ({ ...runningPeer([]), url: providerUrl }),
};
