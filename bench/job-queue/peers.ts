import { createRequire } from 'node:module';
import { join } from 'node:path';
import { installPackages, PEERS_FOLDER } from '../common/install-packages.ts';

/** Exact versions of the compared packages. */
export const PEERS = { bullmq: '6.7.0', ioredis: '6.0.0', 'pg-boss': '12.38.0' } as const;

export function installPeers(): void {
  installPackages(PEERS_FOLDER, { dependencies: PEERS });
}

export function loadPeer<Module>(name: keyof typeof PEERS): Module {
  return createRequire(join(PEERS_FOLDER, 'package.json'))(name) as Module;
}
