import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type NginxOptions, reserveNginxPorts, startNginx } from '@prodigon/testing';
import { onTestFinished } from 'vitest';

/** Starts an HTTP server until the test ends. Returns its address, e.g. `127.0.0.1:4711`. */
export async function listen(handler: RequestListener): Promise<string> {
  const server = createServer(handler).listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return `127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** An address where nothing listens. */
export const DEAD_ADDRESS = '127.0.0.1:9';

/** Starts nginx with `nginx.conf` in front of gateways and a frontend, until the test ends. */
export async function startReverseProxy(gateways: readonly string[], options: Partial<NginxOptions> = {}) {
  const ports = await reserveNginxPorts(80);
  const frontend = await listen((_request, response) => response.end('frontend'));
  const upstreams = { 'gateway:8000': gateways, 'frontend:3000': [frontend] };
  const nginx = await startNginx({ configuration: 'nginx.conf', ports, upstreams, ...options });
  onTestFinished(() => nginx.close());
  return { nginx, url: `http://127.0.0.1:${ports[80]}`, port: ports[80] };
}
