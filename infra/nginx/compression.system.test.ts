import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { type IncomingMessage, request } from 'node:http';
import { resolve } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { reserveNginxPorts, startNginx } from '@prodigon/testing';
import { expect, it, onTestFinished } from 'vitest';
import { listen, startReverseProxy } from './nginx.test-support.ts';

const WEB_UI = resolve(import.meta.dirname, '../../apps/web/dist');
const TEXT = 'Text that a compressing proxy would make shorter. '.repeat(200);

/** Sends a request that accepts gzip, and returns the response as it arrives. `fetch` would decompress it. */
async function get(port: number, path: string): Promise<IncomingMessage> {
  const [response] = await once(request({ port, path, headers: { 'accept-encoding': 'gzip' } }).end(), 'response');
  return response;
}

const bodyOf = async (response: IncomingMessage) => Buffer.concat(await response.toArray());

it('serves the text of the web UI compressed, to clients that accept it', async () => {
  const ports = await reserveNginxPorts(3000);
  const frontend = await startNginx({ configuration: 'frontend.conf', ports, paths: { '/app/web': WEB_UI } });
  onTestFinished(() => frontend.close());
  const upstreams = { 'frontend:3000': [`127.0.0.1:${ports[3000]}`] };
  const { port, url } = await startReverseProxy([], { upstreams });
  const assets = readdirSync(resolve(WEB_UI, 'assets'));
  const assetOf = (extension: string) => `/assets/${assets.find((name) => name.endsWith(extension))}`;
  for (const path of ['/', '/chat', assetOf('.js'), assetOf('.css')]) {
    const response = await get(port, path);
    expect([path, response.statusCode, response.headers['content-encoding']]).toEqual([path, 200, 'gzip']);
    expect(response.headers.vary).toBe('Accept-Encoding');
    const plain = await fetch(`${url}${path}`, { headers: { 'accept-encoding': 'identity' } });
    expect(plain.headers.get('content-encoding')).toBeNull();
    expect(gunzipSync(await bodyOf(response)).toString()).toBe(await plain.text());
  }
});

it.each(['text/event-stream', 'text/html', 'application/json'])('does not compress a response of type %s', async (type) => {
  const gateway = await listen((_request, response) => response.writeHead(200, { 'content-type': type }).end(TEXT));
  const { port } = await startReverseProxy([gateway]);
  const response = await get(port, '/v1/models');
  expect(response.headers['content-encoding']).toBeUndefined();
  expect(String(await bodyOf(response))).toBe(TEXT);
});

it('passes the compressed responses of the gateway on unchanged', async () => {
  const compressed = gzipSync(TEXT);
  const gateway = await listen((_request, response) => response.writeHead(200, { 'content-encoding': 'gzip' }).end(compressed));
  const { port } = await startReverseProxy([gateway]);
  const response = await get(port, '/docs');
  expect(response.headers['content-encoding']).toBe('gzip');
  expect(await bodyOf(response)).toEqual(compressed);
});
