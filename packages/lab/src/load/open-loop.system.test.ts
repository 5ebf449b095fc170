import { afterEach, describe, expect, it } from 'vitest';
import { openLoop } from '../index.ts';
import { startTestServer, type TestServer } from '../test-server.test-support.ts';

let server: TestServer;
afterEach(() => server.close());

describe('an open loop', () => {
  it('sends as many calls as are due, whatever becomes of them', async () => {
    let calls = 0;
    server = await startTestServer((_request, response) => response.writeHead(calls++ % 2 === 0 ? 200 : 503).end());
    const load = await openLoop({ url: server.url, ratePerSecond: 200, durationMs: 500, check: { refusals: [503] } });
    expect(calls).toBe(100);
    expect([load.answers, load.refusals.count]).toEqual([50, 50]);
  });

  it('shows one stall in the latency of every call that was due meanwhile', async () => {
    const STALL_MS = 500;
    let calls = 0;
    server = await startTestServer((_request, response) => {
      calls += 1;
      if (calls === 20) setTimeout(() => response.end(), STALL_MS);
      else response.end();
    });
    const load = await openLoop({ url: server.url, ratePerSecond: 100, durationMs: 1_000, connections: 1 });

    expect(load.answers).toBe(100);
    // 50 of the 100 were due in that half second; a tenth of all waited for at least 400 ms of it.
    expect(load.latency?.max).toBeGreaterThanOrEqual(STALL_MS * 0.99);
    expect(load.latency?.p90).toBeGreaterThanOrEqual(STALL_MS * 0.75);
  });
});
