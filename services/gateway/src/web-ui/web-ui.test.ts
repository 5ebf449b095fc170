import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createFileContentStore } from '@prodigon/content';
import { createSimulatorProvider } from '@prodigon/model-providers';
import { describe, expect, it, onTestFinished } from 'vitest';
import { startPlatform } from '../gateway-harness.test-support.ts';

const PNG = Buffer.from('89504e470d0a1a0a', 'hex');

async function setUp({ isBuilt = true } = {}) {
  const root = mkdtempSync(join(tmpdir(), 'prodigon-web-ui-'));
  onTestFinished(() => rmSync(root, { recursive: true }));
  const write = (path: string, content: string | Buffer) => {
    mkdirSync(join(root, path, '..'), { recursive: true });
    writeFileSync(join(root, path), content);
  };
  if (isBuilt) write('dist/index.html', '<!doctype html><title>Web UI</title>');
  write('dist/assets/app-1a2b.js', 'console.log(1)');
  write('dist/assets/mermaid.tiny-1a2b.js', 'console.log(2)');
  write('dist/diagram-frame.html', '<!doctype html>');
  write('dist/diagram-frame.js', 'console.log(3)');
  write('dist/favicon.svg', '<svg/>');
  write('docs/README.md', '# Documents\n\nRead on.');
  write('docs/guide/a.md', '# A page\n\n![picture](../images/p.png)');
  write('docs/images/p.png', PNG);
  write('docs/images/drawing.svg', '<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>');
  write('secret.md', '# Secret');
  const { url } = await startPlatform({
    topology: 'in one process',
    providers: [{ endpoints: [createSimulatorProvider()] }],
    webUiDirectory: join(root, 'dist'),
    content: createFileContentStore({ rootDirectory: root, entries: ['README.md', 'docs'] }),
  });
  return (path: string, headers: Record<string, string> = {}) => fetch(`${url}${path}`, { headers, redirect: 'manual' });
}

const HTML = { accept: 'text/html,application/xhtml+xml' };

describe('web UI', () => {
  it.each([
    '/',
    '/chat',
    '/chat/1',
    '/read',
    '/read/docs/guide/a.md',
    '/jobs',
    '/jobs/new',
    '/dashboard',
    '/usage',
    '/settings/models',
  ])('serves the web UI at %s, uncached and with a content security policy', async (path) => {
    const response = await (await setUp())(path, HTML);
    expect([response.status, await response.text()]).toEqual([200, expect.stringContaining('Web UI')]);
    expect(response.headers.get('content-security-policy')).toMatch(/default-src 'none';script-src 'self';/);
    expect(response.headers.get('cache-control')).toContain('max-age=0');
  });

  it('serves the frame of diagrams without an origin, and only its scripts to it', async () => {
    const fetchPage = await setUp();
    const policy = (await fetchPage('/diagram-frame.html')).headers.get('content-security-policy') ?? '';
    expect(policy).toMatch(/^default-src 'none'; script-src 'self'; .*sandbox allow-scripts$/);
    expect(policy).not.toContain('allow-same-origin');
    const resourcePolicy = async (path: string) => (await fetchPage(path)).headers.get('cross-origin-resource-policy');
    expect(await resourcePolicy('/diagram-frame.js')).toBe('cross-origin');
    expect(await resourcePolicy('/assets/mermaid.tiny-1a2b.js')).toBe('cross-origin');
    expect(await resourcePolicy('/assets/app-1a2b.js')).not.toBe('cross-origin');
  });

  it('serves hashed assets as immutable', async () => {
    const response = await (await setUp())('/assets/app-1a2b.js');
    expect(response.headers.get('cache-control')).toBe('public, max-age=31536000, immutable');
    expect(response.headers.get('content-type')).toContain('javascript');
  });

  it('returns the 404 page to browsers and JSON to other clients for an unknown path', async () => {
    const get = await setUp();
    expect([(await get('/nowhere', HTML)).status, await (await get('/nowhere', HTML)).text()]).toEqual([
      404,
      expect.stringContaining('Web UI'),
    ]);
    for (const [path, headers] of [
      ['/nowhere', {}],
      ['/api/v1/nowhere', HTML],
      ['/assets/nothing.js', HTML],
    ] as const) {
      const response = await get(path, headers);
      expect([response.status, (await response.json()).error.code]).toEqual([404, 'NOT_FOUND']);
    }
  });

  it('does not serve files outside the web UI directory', async () => {
    const get = await setUp();
    for (const path of ['/assets/..%2f..%2fsecret.md', '/assets/%2e%2e/%2e%2e/secret.md', '/..%2fsecret.md']) {
      const response = await get(path);
      expect(response.status).toBeGreaterThanOrEqual(400);
      expect(await response.text()).not.toContain('Secret');
    }
  });

  it('returns 503 with the build command if the web UI is not built', async () => {
    const response = await (await setUp({ isBuilt: false }))('/chat', HTML);
    expect([response.status, (await response.json()).error.message]).toEqual([503, expect.stringContaining('npm run build')]);
  });
});

describe('content', () => {
  it('lists the pages and returns one as Markdown', async () => {
    const get = await setUp();
    expect(await (await get('/api/v1/content')).json()).toEqual({
      entries: [
        { path: 'docs/README.md', title: 'Documents' },
        { path: 'docs/guide/a.md', title: 'A page' },
      ],
    });
    expect(await (await get('/api/v1/content?path=docs/README.md')).json()).toEqual({
      path: 'docs/README.md',
      content: '# Documents\n\nRead on.',
    });
  });

  it.each([
    ['../secret.md', 400, 'INVALID_PATH'],
    ['docs/../secret.md', 400, 'INVALID_PATH'],
    ['/etc/passwd', 400, 'INVALID_PATH'],
    ['secret.md', 400, 'INVALID_PATH'],
    ['docs/nothing.md', 404, 'NOT_FOUND'],
    ['docs/images/p.png', 404, 'NOT_FOUND'],
  ])('does not serve the path %s', async (path, status, code) => {
    const response = await (await setUp())(`/api/v1/content?path=${encodeURIComponent(path)}`);
    expect([response.status, (await response.json()).error.code]).toEqual([status, code]);
  });

  it('serves images, with a sandbox against scripts in SVG', async () => {
    const get = await setUp();
    const picture = await get('/api/v1/content/asset?path=docs/images/p.png');
    expect([picture.headers.get('content-type'), Buffer.from(await picture.arrayBuffer())]).toEqual(['image/png', PNG]);
    const drawing = await get('/api/v1/content/asset?path=docs/images/drawing.svg');
    expect(drawing.headers.get('content-type')).toBe('image/svg+xml');
    expect(drawing.headers.get('content-security-policy')).toContain('sandbox');
    expect((await get('/api/v1/content/asset?path=../secret.md')).status).toBe(400);
  });
});
