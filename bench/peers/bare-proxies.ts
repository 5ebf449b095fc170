import { join } from 'node:path';
import { type MeasuredProcess, startProcess } from '../common/measured-process.ts';
import { createRunningPeer, type Peer } from './peer.ts';

const FILE = join(import.meta.dirname, 'bare-proxy.ts');

/** Creates a peer of `hops` chained bare proxies. */
export function createBareProxies(hops: number): Peer {
  return {
    name: `bare proxy, ${hops} ${hops === 1 ? 'hop' : 'hops'}`,
    hops,
    async start({ providerUrl, env }) {
      const processes: MeasuredProcess[] = [];
      for (let hop = 0; hop < hops; hop += 1) {
        const parameters = [FILE, processes[0]?.url ?? providerUrl];
        processes.unshift(await startProcess({ program: process.execPath, parameters, env }));
      }
      return createRunningPeer(processes);
    },
  };
}
