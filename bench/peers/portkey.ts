import { join } from 'node:path';
import { findFreePort } from '@prodigon/stack';
import { installPackages, PEERS_FOLDER } from '../common/install-packages.ts';
import { startProcess } from '../common/measured-process.ts';
import { type Peer, runningPeer } from './peer.ts';

const FOLDER = join(PEERS_FOLDER, 'portkey');
const PACKAGES = {
  dependencies: { '@portkey-ai/gateway': '1.15.2' },
  // It asks for later ones too, and with those its streams fail.
  overrides: { hono: '4.9.7', '@hono/node-server': '1.13.5' },
};

/** The Portkey gateway as its authors start it, without the page of logs. It listens on all addresses, and cannot be told otherwise. */
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
    return runningPeer([gateway], {
      authorization: 'Bearer key-of-the-bench',
      'x-portkey-provider': 'openai',
      'x-portkey-custom-host': `${providerUrl}/v1`,
    });
  },
};
