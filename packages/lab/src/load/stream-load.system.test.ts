import type { ServerResponse } from 'node:http';
import { afterEach, describe, expect, it } from 'vitest';
import { streamLoad } from '../index.ts';
import { END_EVENT, startTestServer, type TestServer, tokenEvent } from '../test-server.test-support.ts';

let server: TestServer;
afterEach(() => server.close());

function writeStream(response: ServerResponse, tokens: number, end = END_EVENT): void {
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  for (let index = 0; index < tokens; index += 1) response.write(tokenEvent(`word ${index} `));
  response.end(end);
}

describe('streamLoad', () => {
  it('reads each stream to its end the given number of times and counts its tokens', async () => {
    server = await startTestServer((_request, response) => writeStream(response, 30));
    const load = await streamLoad({ url: server.url, body: '{}', streams: 5, times: 3, check: { tokens: 30 } });
    expect(load.wrong.count).toBe(0);
    expect([load.responses, load.tokens, load.firstToken?.count]).toEqual([15, 450, 15]);
    expect(load.tokensPerSecond).toBeCloseTo((450 / load.elapsedMs) * 1_000);
  });

  it.each([
    ['the stream ended early', (response: ServerResponse) => writeStream(response, 30, '')],
    ['29 tokens instead of 30', (response: ServerResponse) => writeStream(response, 29)],
    ['UND_ERR_SOCKET', (response: ServerResponse) => response.write(tokenEvent('word'), () => response.destroy())],
  ])('reports the reason of a wrong stream: %s', async (reason, respond) => {
    server = await startTestServer((_request, response) => respond(response));
    const load = await streamLoad({ url: server.url, streams: 2, times: 1, check: { tokens: 30 } });
    expect(load.wrong).toEqual({ count: 2, reasons: { [reason]: 2 } });
  });

  it('keeps all streams open while whileOpen runs, then cancels them', async () => {
    const open = new Set<ServerResponse>();
    server = await startTestServer((_request, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' }).write(tokenEvent('word'));
      open.add(response);
      response.once('close', () => open.delete(response));
    });
    const load = await streamLoad({
      url: server.url,
      streams: 10,
      whileOpen: () => expect.poll(() => open.size, { timeout: 60_000 }).toBe(10),
    });

    expect([load.responses, load.wrong.count, load.unfinished]).toEqual([0, 0, 10]);
    expect(load.latency).toBeNull();
    await expect.poll(() => open.size, { timeout: 60_000 }).toBe(0);
  });

  it.each([
    ['status 500', 500, {}],
    ['response from a process that is not under test', 200, { processes: { runId: 'run-1', pids: [1] } }],
  ])('reports the reason of a wrong stream that it cancels: %s', async (reason, status, check) => {
    const open = new Set<ServerResponse>();
    server = await startTestServer((_request, response) => {
      open.add(response.writeHead(status));
      response.write(tokenEvent('word'));
    });
    const whileOpen = () => expect.poll(() => open.size, { timeout: 60_000 }).toBe(2);
    const load = await streamLoad({
      url: server.url,
      streams: 2,
      settleMs: 500,
      whileOpen,
      check,
    });
    expect(load.wrong).toEqual({ count: 2, reasons: { [reason]: 2 } });
  });

  it('reopens a stream that ends before the duration is over', async () => {
    server = await startTestServer((_request, response) => writeStream(response, 5));
    const load = await streamLoad({ url: server.url, streams: 2, durationMs: 200 });
    expect(load.responses).toBeGreaterThan(2);
    expect(load.wrong.count).toBe(0);
  });

  it('spreads the start of the streams over the ramp', async () => {
    const arrivals: number[] = [];
    server = await startTestServer((_request, response) => {
      arrivals.push(performance.now());
      writeStream(response, 1);
    });
    await streamLoad({ url: server.url, streams: 4, rampMs: 2_000, times: 1 });
    expect((arrivals.at(-1) ?? 0) - (arrivals[0] ?? 0)).toBeGreaterThan(500);
  });
});
