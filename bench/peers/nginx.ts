import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findFreePort } from '@prodigon/stack';
import { ensureProgram, PROGRAMS, requireProgram } from '@prodigon/testing';
import { startProcess } from '../common/measured-process.ts';
import { createRunningPeer, type Peer } from './peer.ts';

/** Runs one process, as Node does. Turns buffering off, which would delay streamed tokens. */
const configurationFor = (port: number, directory: string, provider: string) => `
daemon off;
master_process off;
worker_rlimit_nofile 16384;
pid ${directory}/nginx.pid;
error_log stderr warn;
events { worker_connections 8192; }
http {
  access_log off;
  client_body_temp_path ${directory}/body;
  proxy_temp_path ${directory}/proxy;
  fastcgi_temp_path ${directory}/fastcgi;
  uwsgi_temp_path ${directory}/uwsgi;
  scgi_temp_path ${directory}/scgi;
  keepalive_requests 100000000;
  upstream provider {
    server ${provider};
    keepalive 1024;
    keepalive_requests 100000000;
  }
  server {
    listen 127.0.0.1:${port} backlog=4096;
    location / {
      proxy_pass http://provider;
      proxy_http_version 1.1;
      proxy_set_header Connection "";
      proxy_buffering off;
      proxy_read_timeout 300s;
    }
  }
}
`;

export const nginx: Peer = {
  name: 'nginx',
  hops: 1,
  async start({ providerUrl, env }) {
    ensureProgram(PROGRAMS.nginx);
    const directory = mkdtempSync(join(tmpdir(), 'prodigon-nginx-'));
    const port = await findFreePort();
    const file = join(directory, 'nginx.conf');
    writeFileSync(file, configurationFor(port, directory, new URL(providerUrl).host));
    const parameters = ['-p', directory, '-c', file, '-e', 'stderr'];
    const url = `http://127.0.0.1:${port}`;
    const server = await startProcess({ program: requireProgram(PROGRAMS.nginx), parameters, env, url });
    const peer = createRunningPeer([server]);
    return {
      ...peer,
      async close() {
        await peer.close();
        rmSync(directory, { recursive: true, force: true });
      },
    };
  },
};
