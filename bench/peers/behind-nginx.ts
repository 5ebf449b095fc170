import { ensureProgram, PROGRAMS, reserveNginxPorts, startNginx } from '@prodigon/testing';
import type { Peer } from './peer.ts';

/** Puts nginx with `infra/nginx/nginx.conf` in front of a peer. */
export function createBehindNginx(peer: Peer): Peer {
  return {
    name: `${peer.name} behind nginx`,
    hops: peer.hops + 1,
    async start(options) {
      ensureProgram(PROGRAMS.nginx);
      const running = await peer.start(options);
      try {
        const ports = await reserveNginxPorts(80);
        const upstreams = { 'gateway:8000': [new URL(running.url).host] };
        const nginx = await startNginx({ configuration: 'nginx.conf', ports, upstreams });
        return {
          ...running,
          url: `http://127.0.0.1:${ports[80]}`,
          directUrl: running.url,
          pids: [...running.pids, ...nginx.workers()],
          async close() {
            await nginx.close();
            await running.close();
          },
        };
      } catch (error) {
        await running.close();
        throw error;
      }
    },
  };
}
