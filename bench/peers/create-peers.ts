import { createBareProxies } from './bare-proxies.ts';
import { direct } from './direct.ts';
import { nginx } from './nginx.ts';
import type { Peer } from './peer.ts';
import { portkey } from './portkey.ts';
import { createProdigon, type ProdigonOptions } from './prodigon.ts';

export type PeerId = 'direct' | 'nginx' | 'bare-1' | 'bare-2' | 'portkey' | 'services' | 'monolith';

/** All whom we compare, ours included, in the order in which tables show them. */
export function createPeers(ours: Omit<ProdigonOptions, 'topology'>): Readonly<Record<PeerId, Peer>> {
  return {
    direct,
    nginx,
    portkey,
    'bare-1': createBareProxies(1),
    monolith: createProdigon({ ...ours, topology: 'monolith' }),
    'bare-2': createBareProxies(2),
    services: createProdigon({ ...ours, topology: 'services' }),
  };
}
