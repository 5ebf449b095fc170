import { createBareProxies } from './bare-proxies.ts';
import { createBehindNginx } from './behind-nginx.ts';
import { direct } from './direct.ts';
import { litellm } from './litellm.ts';
import { nginx } from './nginx.ts';
import type { Peer } from './peer.ts';
import { portkey } from './portkey.ts';
import { createProdigon, type ProdigonOptions } from './prodigon.ts';
import { createWithLimits } from './with-limits.ts';

export type PeerId =
  | 'direct'
  | 'nginx'
  | 'bare-1'
  | 'bare-2'
  | 'portkey'
  | 'litellm'
  | 'services'
  | 'behind-nginx'
  | 'monolith'
  | 'in-process'
  | 'http1'
  | 'http2'
  | 'grpc'
  | 'monolith-limits'
  | 'monolith-redis'
  | 'services-limits'
  | 'services-redis';

/** Creates all compared gateways, including Prodigon. */
export function createPeers(prodigonOptions: Omit<ProdigonOptions, 'topology'>): Readonly<Record<PeerId, Peer>> {
  const createTransport = (MODEL_TRANSPORT: string, name: string) =>
    createProdigon({
      ...prodigonOptions,
      topology: 'services',
      name,
      settings: { ...prodigonOptions.settings, MODEL_TRANSPORT },
    });
  const createLimited = (topology: ProdigonOptions['topology'], hasRedis: boolean) => {
    const name = `${topology === 'monolith' ? 'One process' : 'Services'}, limits ${hasRedis ? 'in Redis' : 'in memory'}`;
    return createWithLimits({ ...prodigonOptions, topology, name, hasRedis });
  };
  return {
    direct,
    nginx,
    portkey,
    litellm,
    'bare-1': createBareProxies(1),
    monolith: createProdigon({ ...prodigonOptions, topology: 'monolith' }),
    'bare-2': createBareProxies(2),
    services: createProdigon({ ...prodigonOptions, topology: 'services' }),
    'behind-nginx': createBehindNginx(createProdigon({ ...prodigonOptions, topology: 'services' })),
    'in-process': createProdigon({ ...prodigonOptions, topology: 'monolith', name: 'In process' }),
    http1: createTransport('http1', 'HTTP/1.1'),
    http2: createTransport('http2', 'HTTP/2'),
    grpc: createTransport('grpc', 'gRPC'),
    'monolith-limits': createLimited('monolith', false),
    'monolith-redis': createLimited('monolith', true),
    'services-limits': createLimited('services', false),
    'services-redis': createLimited('services', true),
  };
}
