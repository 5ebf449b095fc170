import { createRunningPeer, type Peer } from './peer.ts';

/** Calls the provider without a gateway, to measure the limit of the provider and the load generator. */
export const direct: Peer = {
  name: 'direct',
  hops: 0,
  start: async ({ providerUrl }) => ({ ...createRunningPeer([]), url: providerUrl }),
};
