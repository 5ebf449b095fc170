import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { type IncomingMessage, request } from 'node:http';
import { join } from 'node:path';
import { GATEWAY_PREFIXES, WEB_UI_ROUTES } from '@prodigon/contracts';
import { checkNginxConfiguration } from '@prodigon/testing';
import { describe, expect, it, vi } from 'vitest';
import { DEAD_ADDRESS, listen, startReverseProxy } from './nginx.test-support.ts';

const ANYTHING = { ports: {}, upstreams: {} };
const MEGABYTE = Buffer.alloc(1 << 20, 'x');
const JSON_POST = { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{"prompt":"Hi"}' };

it('accepts the configurations of the reverse proxy and of the frontend', async () => {
  for (const configuration of ['nginx.conf', 'frontend.conf'])
    expect(await checkNginxConfiguration({ configuration, ...ANYTHING })).toMatchObject({ code: 0 });
});

describe('the routes', () => {
  it('lead the API to the gateway and every other path to the frontend', async () => {
    const gateway = await listen((_request, response) => response.end('gateway'));
    const { url } = await startReverseProxy([gateway]);
    const upstreamOf = async (path: string) => (await fetch(`${url}${path}`)).text();
    const api = GATEWAY_PREFIXES.filter((prefix) => prefix !== '/metrics');
    for (const path of [...api, '/api/v1/models', '/v1/models', '/openai/v1/models', '/docs/js/scalar.js'])
      expect([path, await upstreamOf(path)]).toEqual([path, 'gateway']);
    for (const path of [
      '/',
      ...Object.values(WEB_UI_ROUTES),
      '/read/docs/README.md',
      '/assets/a.js',
      '/apix',
      '/v1x',
      '/healthy',
    ])
      expect([path, await upstreamOf(path)]).toEqual([path, 'frontend']);
  });

  it.each([
    '/metrics',
    '/metrics/',
    '/internal',
    '/internal/v1/models',
    '//internal/v1/models',
    '/%69nternal/v1',
    '/api/../metrics',
  ])('return 404 in JSON for %s', async (path) => {
    const gateway = await listen((_request, response) => response.end('secret'));
    const { port } = await startReverseProxy([gateway]);
    // `fetch` would normalize the path.
    const [response] = (await once(request({ port, path }).end(), 'response')) as [IncomingMessage];
    expect(response.statusCode).toBe(404);
    expect(JSON.parse(await textOf(response))).toMatchObject({ error: { code: 'NOT_FOUND' } });
  });
});

describe('a request that nginx itself refuses', () => {
  const LONG = 'x'.repeat(70_000);

  it.each([
    ['a path that is too long', { path: `/api/v1/${LONG}` }, 400, 'BAD_REQUEST'],
    ['headers that are too long', { path: '/api/v1/models', headers: { 'x-long': LONG } }, 400, 'BAD_REQUEST'],
    [
      'two lengths',
      { path: '/v1/models', headers: ['Host', 'localhost', 'Content-Length', '1', 'Content-Length', '2'] },
      400,
      'BAD_REQUEST',
    ],
    ['the method TRACE', { path: '/api/v1/models', method: 'TRACE' }, 405, 'METHOD_NOT_ALLOWED'],
  ] as const)('gets a documented error: %s', async (_case, options, status, code) => {
    const gateway = await listen((_request, response) => response.end('gateway'));
    const { port } = await startReverseProxy([gateway]);
    const headers = 'headers' in options ? (options.headers as string[] | Record<string, string>) : {};
    const [response] = (await once(request({ port, ...options, headers }).end(), 'response')) as [IncomingMessage];
    expect([response.statusCode, response.headers['content-type']]).toEqual([status, 'application/json; charset=utf-8']);
    expect(JSON.parse(await textOf(response))).toMatchObject({ error: { code, request_id: expect.stringMatching(/^\w+$/) } });
  });

  it.each([{ 'content-length': String(1 << 20) }, { 'transfer-encoding': 'chunked' }])(
    'fills no memory with a body for the frontend: %j',
    async (headers) => {
      const { port, nginx } = await startReverseProxy([DEAD_ADDRESS]);
      const upload = request({ port, path: '/chat', method: 'POST', headers: headers as Record<string, string> }).on(
        'error',
        () => {},
      );
      upload.write(MEGABYTE);
      const [response] = (await once(upload, 'response')) as [IncomingMessage];
      expect(JSON.parse(await textOf(response))).toMatchObject({ error: { code: 'PAYLOAD_TOO_LARGE' } });
      expect(readdirSync(join(nginx.folder, 'client-body'))).toEqual([]);
      upload.destroy();
    },
  );
});

describe('a stream', () => {
  it('reaches the client event by event, also if the client accepts compression', async () => {
    const received = Promise.withResolvers<void>();
    const gateway = await listen(async (_request, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' }).write('data: "first"\n\n');
      await received.promise;
      response.end('data: [DONE]\n\n');
    });
    const { url } = await startReverseProxy([gateway]);
    const response = await fetch(`${url}/api/v1/generate/stream`, { ...JSON_POST, headers: { 'accept-encoding': 'gzip' } });
    const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
    expect((await reader?.read())?.value).toBe('data: "first"\n\n');
    received.resolve();
    expect((await reader?.read())?.value).toBe('data: [DONE]\n\n');
  });

  it('is broken for the client if the gateway dies in it', async () => {
    const gateway = await listen((_request, response) => {
      response.write('data: "first"\n\n', () => response.destroy());
    });
    const { url } = await startReverseProxy([gateway]);
    const response = await fetch(`${url}/v1/chat/completions`, JSON_POST);
    await expect(response.text()).rejects.toThrow();
  });

  it('ends at the gateway if the client disconnects', async () => {
    const cancelled = Promise.withResolvers<boolean>();
    const gateway = await listen((_request, response) => {
      response.on('close', () => cancelled.resolve(!response.writableEnded));
      response.write('data: "first"\n\n');
    });
    const { url } = await startReverseProxy([gateway]);
    const abort = new AbortController();
    await fetch(`${url}/api/v1/generate/stream`, { ...JSON_POST, signal: abort.signal });
    abort.abort();
    expect(await cancelled.promise).toBe(true);
  });

  it('waits at the gateway while the client reads nothing', async () => {
    let sent = 0;
    const gateway = await listen(async (_request, response) => {
      for (; sent < 200; sent += 1) if (!response.write(MEGABYTE)) await once(response, 'drain');
      response.end();
    });
    const { url } = await startReverseProxy([gateway]);
    const response = await fetch(`${url}/api/v1/jobs/1/results.jsonl`);
    let before = 0;
    const isWaiting = () => {
      const hasSent = sent - before;
      before = sent;
      return hasSent === 0 && sent > 0;
    };
    await vi.waitFor(() => expect(isWaiting()).toBe(true), { timeout: 60_000, interval: 200 });
    expect(sent).toBeLessThan(64);
    expect((await response.bytes()).length).toBe(200 << 20);
  });

  it('is one of a thousand open ones', async () => {
    const finish = Promise.withResolvers<void>();
    const gateway = await listen(async (_request, response) => {
      response.write('data: "first"\n\n');
      await finish.promise;
      response.end('data: [DONE]\n\n');
    });
    const { url } = await startReverseProxy([gateway]);
    const responses = await Promise.all(Array.from({ length: 1_000 }, () => fetch(`${url}/api/v1/events`)));
    finish.resolve();
    const texts = await Promise.all(responses.map((response) => response.text()));
    expect(texts.every((text) => text.endsWith('data: [DONE]\n\n'))).toBe(true);
  });
});

describe('an upload', () => {
  it('of 200 MB streams through at the pace of the gateway, without a file and with little memory', async () => {
    const arrived = Promise.withResolvers<IncomingMessage>();
    const gateway = await listen((incoming, response) => {
      arrived.resolve(incoming.pause());
      let bytes = 0;
      incoming.on('data', (chunk: Buffer) => (bytes += chunk.length));
      incoming.pause();
      incoming.on('end', () => response.end(String(bytes)));
    });
    const { nginx, port } = await startReverseProxy([gateway]);
    const upload = request({ port, path: '/api/v1/jobs', method: 'POST' });
    const responded = once(upload, 'response');
    let sent = 0;
    while (upload.write(MEGABYTE)) sent += 1;
    // The gateway has the beginning although the client has not sent the rest.
    const incoming = await arrived.promise;
    expect(sent).toBeLessThan(200);
    expect(Math.max(...nginx.workers().map(residentMegabytes))).toBeLessThan(64);
    expect(readdirSync(join(nginx.folder, 'client-body'))).toEqual([]);
    incoming.resume();
    for (; sent < 199; sent += 1) if (!upload.write(MEGABYTE)) await once(upload, 'drain');
    upload.end();
    const [response] = (await responded) as [IncomingMessage];
    expect(await textOf(response)).toBe(String(200 << 20));
    expect(Math.max(...nginx.workers().map(residentMegabytes))).toBeLessThan(64);
  });
});

describe("the client's address", () => {
  it('is the one that nginx sees, whatever the client claims', async () => {
    const gateway = await listen(({ headers }, response) => response.end(JSON.stringify(headers)));
    const { url, port } = await startReverseProxy([gateway]);
    const headers = {
      'x-forwarded-for': '203.0.113.7',
      'x-forwarded-host': 'evil.example.com',
      'x-forwarded-proto': 'gopher',
      forwarded: 'for=203.0.113.7',
    };
    const forwarded = (await (await fetch(`${url}/v1/models`, { headers })).json()) as Record<string, string>;
    expect(forwarded).toMatchObject({
      host: `127.0.0.1:${port}`,
      'x-forwarded-for': '127.0.0.1',
      'x-forwarded-host': `127.0.0.1:${port}`,
      'x-forwarded-proto': 'http',
    });
    expect(forwarded.forwarded).toBeUndefined();
  });

  it('reaches the log without the query, which may contain a prompt', async () => {
    const { url, nginx } = await startReverseProxy([DEAD_ADDRESS]);
    await fetch(`${url}/api/v1/jobs?system_prompt=canary`, JSON_POST);
    await vi.waitFor(() => expect(nginx.log()).toContain('/api/v1/jobs'));
    const line = nginx
      .log()
      .split('\n')
      .find((each) => each.includes('/api/v1/jobs'));
    expect(JSON.parse(line ?? '')).toMatchObject({ client_address: '127.0.0.1', method: 'POST', status: 503 });
    expect(line).not.toContain('canary');
  });
});

async function textOf(response: IncomingMessage): Promise<string> {
  let text = '';
  for await (const part of response.setEncoding('utf8')) text += part;
  return text;
}

function residentMegabytes(pid: number): number {
  const [, kilobytes] = /^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
  return Number(kilobytes) / 1_024;
}
