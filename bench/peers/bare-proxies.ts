import { join } from 'node:path';
import { type MeasuredProcess, startProcess } from '../common/measured-process.ts';
import { type Peer, runningPeer } from './peer.ts';

const FILE = join(import.meta.dirname, 'bare-proxy.ts');

/** So many bare proxies, one behind the other. */
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
      return runningPeer(processes);
    },
  };
}
