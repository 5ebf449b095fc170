import { request } from 'node:http';
import { text } from 'node:stream/consumers';
import { createTutorProvider } from '@prodigon/model-providers';
import { describe, expect, it } from 'vitest';
import { closeAfterAll, type Platform, startPlatform, TOPOLOGIES } from '../gateway-harness.test-support.ts';
import { linkBaseOf } from './openai-api.ts';

const PAGE = '# Caching\n\n## Expiry of a cache\n\nA cache expires by its age. See [more](#expiry-of-a-cache).\n';
const tutor = createTutorProvider({
  content: {
    list: async () => [{ path: 'docs/cache.md', title: 'Caching' }],
    read: async () => PAGE,
    readAsset: async () => ({ bytes: new Uint8Array(), mediaType: 'image/png' }),
    readSource: () => Promise.reject(new Error('not used')),
  },
});
const QUESTION = 'When does a cache expire?';
const CHAT = { messages: [{ role: 'user', content: QUESTION }] };

describe.each(TOPOLOGIES)('links of the tutor, model service %s', (topology) => {
  const onClose = closeAfterAll();
  const platform: Promise<Platform> = startPlatform({ topology, providers: [{ endpoints: [tutor] }] }, onClose);

  /** Returns the addresses of all links in a response. */
  async function linksOf(path: string, body: object): Promise<string[]> {
    const answer = await (await (await platform).post(path, body)).text();
    return [...answer.matchAll(/\]\((.*?)(?:#|\))/g)].map(([, address = '']) => address);
  }

  it.each([
    ['/v1/chat/completions', CHAT],
    ['/openai/v1/chat/completions', CHAT],
    ['/chat/completions', CHAT],
    ['/v1/responses', { input: QUESTION }],
  ])('are absolute over %s', async (path, body) => {
    const links = await linksOf(path, body);
    const { url } = await platform;
    expect(new Set(links)).toEqual(new Set([`${url}/read/docs/cache.md`]));
    expect((await fetch(links[0] ?? '', { headers: { accept: 'text/html' } })).status).not.toBe(404);
  });

  it('are absolute in a stream', async () => {
    const { post, url } = await platform;
    const frames = await (await post('/v1/chat/completions', { ...CHAT, stream: true })).text();
    const pieces = [...frames.matchAll(/"content":("(?:[^"\\]|\\.)*")/g)].map(([, json = '""']) => JSON.parse(json));
    expect(pieces.join('')).toContain(`](${url}/read/docs/cache.md#expiry-of-a-cache)`);
  });

  it('are relative over /api/v1, whose client is the web UI', async () => {
    expect(new Set(await linksOf('/api/v1/generate', { prompt: QUESTION }))).toEqual(new Set(['/read/docs/cache.md']));
  });
});

it('uses the allowed host that the client named', async () => {
  const { url } = await startPlatform({ topology: 'in one process', providers: [{ endpoints: [tutor] }] });
  const sent = request(`${url}/v1/chat/completions`, {
    method: 'POST',
    headers: { host: 'chat.example.com', 'content-type': 'application/json' },
  });
  sent.end(JSON.stringify(CHAT));
  const answer = await new Promise<string>((resolve) => sent.once('response', (response) => resolve(text(response))));
  expect(answer).toContain('](http://chat.example.com/read/docs/cache.md');
});

it.each([
  ['/v1/responses', 'localhost:8000', 'http://localhost:8000'],
  ['/openai/v1/chat/completions?x=1', '[::1]:8000', 'http://[::1]:8000'],
  ['/v1/responses', 'evil.example/x', ''],
  ['/v1/responses', 'a b', ''],
  ['/v1/responses', '', ''],
  ['/api/v1/generate', 'localhost:8000', undefined],
])('links in responses of %s at the host "%s" start with "%s"', (url, host, expected) => {
  expect(linkBaseOf({ url, host, protocol: 'http' })).toBe(expected);
});

it('builds links for web protocols only', () => {
  const linkBaseWith = (protocol: string) =>
    linkBaseOf({ url: '/v1/responses', host: 'localhost', protocol: protocol as 'http' });
  expect(['https', 'http', 'javascript'].map(linkBaseWith)).toEqual(['https://localhost', 'http://localhost', '']);
});
