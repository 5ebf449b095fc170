import { readdirSync } from 'node:fs';
import { resolve } from 'node:path';
import { WEB_UI_ROUTES } from '@prodigon/contracts';
import { type Nginx, type RunningApp, reserveNginxPorts, startApp, startNginx } from '@prodigon/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const WEB_UI = resolve(import.meta.dirname, '../../apps/web/dist');
const HTML = { accept: 'text/html,application/xhtml+xml' };
/** Headers that name a connection, a request or a file, and those with which a server compresses. */
const OTHER_HEADERS =
  /^(?:connection|keep-alive|date|server|etag|last-modified|accept-ranges|content-(?:length|encoding)|transfer-encoding|vary|x-request-id|x-process-time)$/;

let gateway: RunningApp;
let nginx: Nginx;
let frontend: string;
beforeAll(async () => {
  gateway = await startApp('gateway');
  const ports = await reserveNginxPorts(3000);
  frontend = `http://127.0.0.1:${ports[3000]}`;
  nginx = await startNginx({ configuration: 'frontend.conf', ports, paths: { '/app/web': WEB_UI } });
});
afterAll(() => Promise.all([gateway?.close(), nginx?.close()]));

async function responseOf(base: string, path: string, headers: Record<string, string>) {
  const response = await fetch(`${base}${path}`, { headers, redirect: 'manual' });
  const relevant = [...response.headers].filter(([name]) => !OTHER_HEADERS.test(name)).sort();
  // The two write content types with different spaces and cases.
  const normalized = relevant.map(([name, value]) => `${name}: ${value.toLowerCase().replace(/;\s*/g, ';')}`);
  const text = await response.text();
  return { status: response.status, headers: normalized, body: text.startsWith('{"error"') ? JSON.parse(text).error.code : text };
}

const assets = readdirSync(resolve(WEB_UI, 'assets')).filter((name) => /\.(?:js|css|woff2)$/.test(name));
const assetOf = (extension: string) => `/assets/${assets.find((name) => name.endsWith(extension))}`;

describe('the frontend', () => {
  it.each([
    ['/', HTML],
    ...Object.values(WEB_UI_ROUTES).map((path) => [path, HTML] as const),
    ['/chat/1', HTML],
    ['/read/docs/guide/README.md', HTML],
    ['/jobs', {}],
    ['/nowhere', HTML],
    ['/nowhere', { accept: 'application/json' }],
    [assetOf('.js'), {}],
    [assetOf('.css'), {}],
    [assetOf('.woff2'), {}],
    ['/assets/nothing.js', HTML],
    ['/favicon.svg', {}],
    ['/theme.js', {}],
    ['/diagram-frame.html', HTML],
    ['/diagram-frame.js', {}],
    [`/assets/${assets.find((name) => name.startsWith('mermaid.tiny'))}`, {}],
    ['/.fingerprint', {}],
    ['/index.html.gz', {}],
    ['/index.html', HTML],
  ] as const)('responds to %s as the gateway does (%o)', async (path, headers) => {
    expect(await responseOf(frontend, path, headers)).toEqual(await responseOf(gateway.url, path, headers));
  });

  it.each(['/', '/chat', '/favicon.svg', assetOf('.js')])('accepts no POST to %s, and says so in JSON', async (path) => {
    const response = await fetch(`${frontend}${path}`, { method: 'POST', body: '{}' });
    expect(response.status).toBe(405);
    expect(await response.json()).toMatchObject({ error: { code: 'METHOD_NOT_ALLOWED' } });
  });

  it('serves the compressed files of the build', async () => {
    const response = await fetch(`${frontend}${assetOf('.js')}`, { headers: { 'accept-encoding': 'gzip' } });
    expect([response.headers.get('content-encoding'), response.headers.get('vary')]).toEqual(['gzip', 'Accept-Encoding']);
  });
});
