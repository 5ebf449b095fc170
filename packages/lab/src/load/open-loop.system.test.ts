import { afterEach, describe, expect, it } from 'vitest';
import { openLoop } from '../index.ts';
import { startTestServer, type TestServer } from '../test-server.test-support.ts';

let server: TestServer;
afterEach(() => server.close());

describe('an open loop', () => {
  it('sends requests at the given rate, whatever their status', async () => {
    let calls = 0;
    server = await startTestServer((_request, response) => response.writeHead(calls++ % 2 === 0 ? 200 : 503).end());
    const load = await openLoop({ url: server.url, ratePerSecond: 200, durationMs: 500, check: { rejections: [503] } });
    expect(calls).toBe(100);
    expect([load.responses, load.rejections.count]).toEqual([50, 50]);
  });

  it('includes a stall in the latency of every request scheduled during it', async () => {
    const STALL_MS = 500;
    let calls = 0;
    server = await startTestServer((_request, response) => {
      calls += 1;
      if (calls === 20) setTimeout(() => response.end(), STALL_MS);
      else response.end();
    });
    const load = await openLoop({ url: server.url, ratePerSecond: 100, durationMs: 1_000, connections: 1 });

    expect(load.responses).toBe(100);
    // 50 of the 100 requests are due during the stall; ten of them wait for at least 400 ms.
    expect(load.latency?.max).toBeGreaterThanOrEqual(STALL_MS * 0.99);
    expect(load.latency?.p90).toBeGreaterThanOrEqual(STALL_MS * 0.75);
  });
});
