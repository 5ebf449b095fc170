import type { IncomingMessage } from 'node:http';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { END_EVENT, startTestServer, tokenEvent } from '../../test-server.test-support.ts';
import { toLoadPlan } from '../load-options.ts';
import { openConnections } from './open-connections.ts';
import { runLoad } from './run-load.ts';

async function startServer(listener: Parameters<typeof startTestServer>[0]): Promise<string> {
  const server = await startTestServer(listener);
  onTestFinished(() => server.close());
  return server.url;
}
const never = new Promise<void>(() => {});

describe('runLoad', () => {
  it('runs an open loop with the window open during the whole load', async () => {
    const url = await startServer((_request, response) => response.end('hello'));
    const schedule = { type: 'open', ratePerSecond: 1_000, durationMs: 20, connections: 2 } as const;
    const onOpen = vi.fn();
    const result = await runLoad(toLoadPlan({ url, check: { text: 'hello' } }, schedule), onOpen, never);
    expect([result.responses, result.wrong.count, onOpen.mock.calls.length]).toEqual([20, 0, 0]);
    expect(result.elapsedMs).toBeGreaterThanOrEqual(15);
  });

  it('runs a closed loop on the planned number of connections and closes them', async () => {
    const sockets = new Set<IncomingMessage['socket']>();
    const url = await startServer((request, response) => {
      sockets.add(request.socket);
      response.end();
    });
    const schedule = { type: 'closed', connections: 3, durationMs: 30 } as const;
    const result = await runLoad(toLoadPlan({ url }, schedule), () => {}, never);
    expect(result.responses).toBeGreaterThanOrEqual(3);
    expect([result.wrong.count, sockets.size]).toEqual([0, 3]);
    await vi.waitFor(() => expect([...sockets].every(({ destroyed }) => destroyed)).toBe(true));
  });

  it('runs streams and reports when the window opens', async () => {
    const url = await startServer((_request, response) => response.end(tokenEvent('one') + tokenEvent('two') + END_EVENT));
    const schedule = { type: 'streams', streams: 2, rampMs: 0, settleMs: 0, times: 2, durationMs: null } as const;
    const onOpen = vi.fn();
    const plan = toLoadPlan({ url, isStream: true, check: { tokens: 2 } }, schedule);
    const result = await runLoad(plan, onOpen, never);
    expect([result.responses, result.tokens, result.wrong.count, onOpen.mock.calls.length]).toEqual([4, 8, 0, 1]);
  });

  it('cancels open streams when the parent process asks to stop', async () => {
    const url = await startServer((_request, response) => response.writeHead(200).write(tokenEvent('one')));
    const schedule = { type: 'streams', streams: 2, rampMs: 0, settleMs: 30, times: null, durationMs: null } as const;
    const stopRequested = Promise.withResolvers<void>();
    const plan = toLoadPlan({ url, isStream: true }, schedule);
    const result = await runLoad(plan, () => stopRequested.resolve(), stopRequested.promise);
    expect([result.unfinished, result.responses, result.wrong]).toEqual([2, 0, { count: 0, reasons: {} }]);
  });
});

describe('openConnections', () => {
  it('opens more connections than it attempts concurrently', async () => {
    const sockets = new Set<unknown>();
    const url = await startServer((_request, response) => response.end());
    const clients = await openConnections(url, 66);
    onTestFinished(async () => void (await Promise.all(clients.map((client) => client.destroy()))));
    expect(clients).toHaveLength(66);
    await Promise.all(
      clients.map(async (client) => {
        const { statusCode, body } = await client.request({ path: '/', method: 'GET' });
        await body.dump();
        sockets.add(client);
        expect(statusCode).toBe(200);
      }),
    );
    expect(sockets.size).toBe(66);
  });

  it('reopens a connection that the server has closed', async () => {
    const ports: (number | undefined)[] = [];
    const url = await startServer((request, response) => {
      ports.push(request.socket.remotePort);
      response.setHeader('connection', 'close').end();
    });
    const [client] = await openConnections(url, 1);
    onTestFinished(async () => void (await client?.destroy()));
    for (let turn = 0; turn < 2; turn += 1) await (await client?.request({ path: '/', method: 'GET' }))?.body.dump();
    expect(ports).toHaveLength(2);
    expect(ports[0]).not.toBe(ports[1]);
  });

  it('rejects when the server does not listen', async () => {
    await expect(openConnections('http://127.0.0.1:1', 1)).rejects.toMatchObject({ code: 'ECONNREFUSED' });
  });
});
