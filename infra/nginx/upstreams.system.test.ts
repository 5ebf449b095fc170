import { once } from 'node:events';
import { Agent, type IncomingMessage, request } from 'node:http';
import { describe, expect, it } from 'vitest';
import { DEAD_ADDRESS, listen, startReverseProxy } from './nginx.test-support.ts';

const JSON_POST = { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{"prompt":"Hi"}' };

describe('several gateways', () => {
  it('share the requests, and a dead one fails none', async () => {
    const counts = [0, 0];
    const gateways = await Promise.all(
      counts.map((_, index) =>
        listen((_request, response) => {
          counts[index] = (counts[index] ?? 0) + 1;
          response.end();
        }),
      ),
    );
    const { url } = await startReverseProxy([gateways[0] ?? '', DEAD_ADDRESS, gateways[1] ?? '']);
    for (let count = 0; count < 40; count += 1) expect((await fetch(`${url}/v1/chat/completions`, JSON_POST)).status).toBe(200);
    expect(counts.reduce((one, other) => one + other)).toBe(40);
    expect(Math.min(...counts)).toBeGreaterThan(10);
  });

  it('never both get a POST request that one of them may have begun', async () => {
    let posts = 0;
    const dying = () =>
      listen((incoming, response) => {
        incoming.resume().on('end', () => {
          posts += 1;
          response.destroy();
        });
      });
    const { url } = await startReverseProxy([await dying(), await dying()]);
    const response = await fetch(`${url}/v1/chat/completions`, JSON_POST);
    expect(posts).toBe(1);
    // Clients that repeat requests by themselves must not repeat this one.
    expect([response.status, response.headers.get('retry-after')]).toEqual([500, null]);
    expect(response.headers.get('x-should-retry')).toBe('false');
    expect(await response.json()).toMatchObject({ error: { code: 'INTERNAL_ERROR', type: 'server_error' } });
  });

  it('are all dead: the client may repeat the request', async () => {
    const { url } = await startReverseProxy([DEAD_ADDRESS, DEAD_ADDRESS]);
    const response = await fetch(`${url}/v1/chat/completions`, JSON_POST);
    expect([response.status, response.headers.get('retry-after')]).toEqual([503, '1']);
    expect(await response.json()).toMatchObject({ error: { code: 'SERVICE_UNAVAILABLE', type: 'server_error' } });
  });

  it('both get a GET request if the first one dies before its response', async () => {
    let requests = 0;
    const dying = await listen((_request, response) => {
      requests += 1;
      response.destroy();
    });
    const living = await listen((_request, response) => response.end('living'));
    const { url } = await startReverseProxy([dying, living]);
    for (let count = 0; count < 10; count += 1) expect(await (await fetch(`${url}/v1/models`)).text()).toBe('living');
    expect(requests).toBeGreaterThan(0);
  });

  it('pass their own errors to the client unchanged', async () => {
    const gateway = await listen((_request, response) => response.writeHead(502, { 'x-request-id': 'r' }).end('own'));
    const { url } = await startReverseProxy([gateway]);
    const response = await fetch(`${url}/v1/chat/completions`, JSON_POST);
    expect([response.status, response.headers.get('x-request-id'), await response.text()]).toEqual([502, 'r', 'own']);
  });
});

it('the connections to a gateway stay open for further requests', async () => {
  const sockets = new Set<unknown>();
  const gateway = await listen(({ socket }, response) => {
    sockets.add(socket);
    response.end();
  });
  const { port } = await startReverseProxy([gateway]);
  // Each worker of nginx keeps its own connections, and one client connection reaches one worker.
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  for (let count = 0; count < 10; count += 1) {
    const [response] = (await once(request({ port, path: '/v1/models', agent }).end(), 'response')) as [IncomingMessage];
    await once(response.resume(), 'end');
  }
  agent.destroy();
  expect(sockets.size).toBe(1);
});

describe('two versions of the frontend', () => {
  const frontendWith = (file: string) =>
    listen(({ url }, response) => {
      const isKnown = url === '/' || url === file;
      response.writeHead(isKnown ? 200 : 404).end(isKnown ? `${url} of ${file}` : 'missing');
    });

  it('each serve the files that the pages of the other ask for', async () => {
    const [old, next] = ['/assets/old.js', '/assets/new.js'];
    const upstreams = { 'frontend:3000': await Promise.all([old, next].map(frontendWith)) };
    const { url } = await startReverseProxy([], { upstreams });
    for (const path of [old, next, next, old, old, next])
      expect(await (await fetch(`${url}${path}`)).text()).toBe(`${path} of ${path}`);
    const missing = await fetch(`${url}/assets/nothing.js`);
    expect([missing.status, await missing.text()]).toEqual([404, 'missing']);
  });
});
