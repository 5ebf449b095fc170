import { join } from 'node:path';
import { findFreePort } from '@prodigon/stack';
import { installPackages, PEERS_FOLDER } from '../common/install-packages.ts';
import { startProcess } from '../common/measured-process.ts';
import { createRunningPeer, type Peer } from './peer.ts';

const FOLDER = join(PEERS_FOLDER, 'portkey');
const PACKAGES = {
  dependencies: { '@portkey-ai/gateway': '1.15.2' },
  // Its streams fail with later versions, which its dependency ranges also allow.
  overrides: { hono: '4.9.7', '@hono/node-server': '1.13.5' },
};

/** Runs the Portkey gateway with its start script, without its log viewer. It always listens on all addresses. */
export const portkey: Peer = {
  name: `Portkey ${PACKAGES.dependencies['@portkey-ai/gateway']}`,
  hops: 1,
  async start({ providerUrl, env }) {
    installPackages(FOLDER, PACKAGES);
    const port = await findFreePort();
    const entry = join(FOLDER, 'node_modules/@portkey-ai/gateway/build/start-server.js');
    const gateway = await startProcess({
      program: process.execPath,
      parameters: [entry, '--headless', `--port=${port}`],
      env: { ...env, NODE_ENV: 'production' },
      url: `http://127.0.0.1:${port}`,
    });
    return createRunningPeer([gateway], {
      authorization: 'Bearer key-of-the-bench',
      'x-portkey-provider': 'openai',
      'x-portkey-custom-host': `${providerUrl}/v1`,
    });
  },
};
