import { createBareProxies } from './bare-proxies.ts';
import { direct } from './direct.ts';
import { litellm } from './litellm.ts';
import { nginx } from './nginx.ts';
import type { Peer } from './peer.ts';
import { portkey } from './portkey.ts';
import { createProdigon, type ProdigonOptions } from './prodigon.ts';

export type PeerId = 'direct' | 'nginx' | 'bare-1' | 'bare-2' | 'portkey' | 'litellm' | 'services' | 'monolith';

/** Creates all compared gateways, including Prodigon. */
export function createPeers(prodigonOptions: Omit<ProdigonOptions, 'topology'>): Readonly<Record<PeerId, Peer>> {
  return {
    direct,
    nginx,
    portkey,
    litellm,
    'bare-1': createBareProxies(1),
    monolith: createProdigon({ ...prodigonOptions, topology: 'monolith' }),
    'bare-2': createBareProxies(2),
    services: createProdigon({ ...prodigonOptions, topology: 'services' }),
  };
}
