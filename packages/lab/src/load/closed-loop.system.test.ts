import { afterEach, describe, expect, it } from 'vitest';
import { closedLoop } from '../index.ts';
import { startTestServer, type TestServer } from '../test-server.test-support.ts';

let server: TestServer;
afterEach(() => server.close());

const SHORT = { connections: 4, durationMs: 300 };

describe('a closed loop', () => {
  it('sends the requests of its plan, with one call in flight per connection', async () => {
    const seen = new Set<string>();
    let [open, openMax] = [0, 0];
    server = await startTestServer(async (request, response) => {
      openMax = Math.max(openMax, ++open);
      let body = '';
      for await (const part of request) body += part;
      seen.add(`${request.method} ${request.url} ${request.headers['x-a']} ${body}`);
      open -= 1;
      response.end('hello');
    });
    const load = await closedLoop({ ...SHORT, url: `${server.url}/path?query=1`, headers: { 'x-a': 'b' }, body: 'question' });

    expect([...seen]).toEqual(['POST /path?query=1 b question']);
    expect(openMax).toBeLessThanOrEqual(4);
    expect(load.wrong.count).toBe(0);
    expect(load.responses).toBe(load.statuses['200']);
    expect(load.latency?.count).toBe(load.responses);
    expect(load.responsesPerSecond).toBeCloseTo((load.responses / load.elapsedMs) * 1_000);
  });

  it('reuses its connections', async () => {
    const sockets = new Set<unknown>();
    server = await startTestServer((request, response) => {
      sockets.add(request.socket);
      response.end();
    });
    const { responses } = await closedLoop({ ...SHORT, url: server.url });
    expect(sockets.size).toBe(4);
    expect(responses).toBeGreaterThan(4);
  });

  it.each([
    ['status 500', { status: 500, body: 'hello' }],
    ['7 bytes instead of 5', { status: 200, body: 'goodbye' }],
    ['the expected text is missing', { status: 200, body: 'howdy' }],
  ])('reports the reason of a wrong response: %s', async (reason, { status, body }) => {
    server = await startTestServer((_request, response) => response.writeHead(status).end(body));
    const load = await closedLoop({ ...SHORT, url: server.url, check: { length: 5, text: 'hello' } });
    expect(load.responses).toBe(0);
    expect(load.wrong).toEqual({ count: load.statuses[status], reasons: { [reason]: load.statuses[status] } });
  });

  it('counts a broken connection as wrong and continues', async () => {
    let calls = 0;
    server = await startTestServer((request, response) => {
      calls += 1;
      if (calls === 3) request.socket.destroy();
      else response.end('hello');
    });
    const load = await closedLoop({ ...SHORT, url: server.url });
    expect(load.wrong).toEqual({ count: 1, reasons: { UND_ERR_SOCKET: 1 } });
    expect(load.responses).toBe(calls - 1);
  });

  it('counts expected rejections separately, with their own latency', async () => {
    let calls = 0;
    server = await startTestServer((_request, response) => response.writeHead(calls++ % 2 === 0 ? 200 : 503).end());
    const load = await closedLoop({ ...SHORT, url: server.url, check: { rejections: [503] } });
    expect(load.wrong.count).toBe(0);
    expect(load.rejections.count).toBe(load.statuses['503']);
    expect(load.rejections.latency?.count).toBe(load.rejections.count);
    expect(load.latency?.count).toBe(load.statuses['200']);
  });

  it('rejects with the reason of its signal and ends the generator process', async () => {
    const controller = new AbortController();
    let socketsOpen = 0;
    const reason = new Error('enough');
    server = await startTestServer((request) => {
      socketsOpen += 1;
      request.socket.once('close', () => (socketsOpen -= 1));
      if (socketsOpen === 4) controller.abort(reason);
    });
    const load = closedLoop({ connections: 4, durationMs: 600_000, url: server.url, signal: controller.signal });
    await expect(load).rejects.toBe(reason);
    await expect.poll(() => socketsOpen, { timeout: 60_000 }).toBe(0);
  });

  it('rejects when the server does not listen', async () => {
    server = await startTestServer(() => {});
    const { url } = server;
    await server.close();
    await expect(closedLoop({ ...SHORT, url })).rejects.toThrow('The load generator failed: connect ECONNREFUSED');
    server = await startTestServer(() => {});
  });
});
