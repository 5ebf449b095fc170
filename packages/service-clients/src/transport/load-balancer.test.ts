import { INTERNAL_HEADERS } from '@prodigon/platform';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { createHttp1Transport } from './http1-transport.ts';
import { createHttp2Transport } from './http2-transport.ts';
import { createLoadBalancer } from './load-balancer.ts';
import { createManualTimers, type FakeReplica, rejectWhileDraining, startReplica } from './replica.test-support.ts';
import { ConnectionError, type TransportRequest, type TransportResponse } from './transport.ts';

const WAIT = { timeout: 30_000, interval: 5 };
const TRANSPORTS = { http1: createHttp1Transport, http2: createHttp2Transport };

describe.each(['http1', 'http2'] as const)('a load balancer over %s', (protocol) => {
  async function start(...names: string[]) {
    const replicas = await Promise.all(names.map(startReplica));
    const timers = createManualTimers();
    const transports = replicas.map(({ url }) => TRANSPORTS[protocol]({ baseUrl: url, connectTimeoutMs: 5_000 }));
    const loadBalancer = createLoadBalancer({ transports, after: timers.after });
    onTestFinished(() => loadBalancer.close());
    const send = (request: Partial<TransportRequest> = {}) =>
      loadBalancer.send({ method: 'GET', path: '/', headers: {}, signal: new AbortController().signal, ...request });
    return { replicas: replicas as [FakeReplica, FakeReplica, FakeReplica], timers, loadBalancer, send };
  }

  async function textOf({ body }: TransportResponse): Promise<string> {
    const chunks: Uint8Array[] = [];
    for await (const chunk of body) chunks.push(chunk);
    return Buffer.concat(chunks).toString();
  }

  /** Returns the bodies of `count` requests that are sent one after another. */
  async function bodiesOf(send: () => Promise<TransportResponse>, count: number): Promise<string[]> {
    const bodies: string[] = [];
    for (let index = 0; index < count; index++) {
      const response = await send();
      bodies.push(await textOf(response));
      await response.closed;
    }
    return bodies;
  }

  /** Makes a replica send headers and leave the body open. */
  const keepOpen = (replica: FakeReplica) => replica.respondWith((response) => response.writeHead(200).write('partial'));
  const silent = (replica: FakeReplica) => replica.respondWith(() => {});

  it('uses replicas in turn while they have equally many pending requests', async () => {
    const { send } = await start('a', 'b', 'c');
    expect(await bodiesOf(send, 6)).toEqual(['a', 'b', 'c', 'a', 'b', 'c']);
  });

  it('sends a request to the replica with the fewest pending requests, counted until their bodies close', async () => {
    const { replicas, send } = await start('a', 'b');
    keepOpen(replicas[0]);
    const streaming = await send();
    expect(await bodiesOf(send, 3)).toEqual(['b', 'b', 'b']);
    for await (const _ of streaming.body) break;
    expect(await streaming.closed).toEqual({ isBroken: false });
    await replicas[0].revive();
    expect((await bodiesOf(send, 2)).sort()).toEqual(['a', 'b']);
  });

  it('probes a replica with growing delays after a refused connection, and readmits it once it is ready', async () => {
    const { replicas, send, timers } = await start('a', 'b');
    await replicas[0].kill();
    expect(await bodiesOf(send, 3)).toEqual(['b', 'b', 'b']);
    for (const ms of [250, 500, 1_000, 2_000, 4_000, 8_000, 10_000]) {
      await vi.waitFor(() => expect(timers.waiting()).toEqual([ms]), WAIT);
      timers.fire(ms);
    }
    await vi.waitFor(() => expect(timers.waiting()).toEqual([10_000]), WAIT);
    await replicas[0].revive();
    timers.fire(10_000);
    await vi.waitFor(() => expect(timers.waiting()).toEqual([]), WAIT);
    expect((await bodiesOf(send, 2)).sort()).toEqual(['a', 'b']);
  });

  it('fails over when a draining replica rejects a request with a text body, and ejects the replica until it is ready', async () => {
    const { replicas, send, timers } = await start('a', 'b');
    replicas[0].respondWith(rejectWhileDraining);
    expect(await bodiesOf(() => send({ method: 'POST', path: '/jobs', body: 'text' }), 3)).toEqual(['b', 'b', 'b']);
    expect(replicas[0].received).toEqual(['POST /jobs']);
    timers.fire(250);
    await vi.waitFor(() => expect(timers.waiting()).toEqual([500]), WAIT);
    await replicas[0].revive();
    timers.fire(500);
    await vi.waitFor(() => expect(timers.waiting()).toEqual([]), WAIT);
    expect((await bodiesOf(send, 2)).sort()).toEqual(['a', 'b']);
  });

  it('returns the rejection when all replicas drain', async () => {
    const { replicas, send } = await start('a', 'b');
    for (const replica of replicas) replica.respondWith(rejectWhileDraining);
    const response = await send();
    expect([response.status, await textOf(response)]).toEqual([503, 'draining']);
  });

  it('fails over without ejection when an open circuit breaker rejects a request before any provider call', async () => {
    const { replicas, send, timers } = await start('a', 'b');
    const rejectAfter = (attempts: number) =>
      replicas[0].respondWith((response) => {
        const headers = { [INTERNAL_HEADERS.circuitOpen]: 'true', [INTERNAL_HEADERS.attempts]: String(attempts) };
        response.writeHead(503, headers).end('open');
      });
    rejectAfter(0);
    expect(await bodiesOf(() => send({ method: 'POST', body: 'text' }), 4)).toEqual(['b', 'b', 'b', 'b']);
    expect([replicas[0].received.length > 0, timers.waiting()]).toEqual([true, []]);
    // The provider has received a call, which another replica must not repeat.
    rejectAfter(1);
    expect((await bodiesOf(() => send({ method: 'POST', body: 'text' }), 2)).sort()).toEqual(['b', 'open']);
  });

  it('fails over once when a replica dies before its response headers and the request is retryable', async () => {
    const { replicas, send } = await start('a', 'b', 'c');
    silent(replicas[0]);
    const failedOver = send({ isRetryable: true });
    await vi.waitFor(() => expect(replicas[0].received).toHaveLength(1), WAIT);
    await replicas[0].kill();
    expect(await textOf(await failedOver)).toBe('b');

    for (const replica of [replicas[1], replicas[2]]) silent(replica);
    const failedTwice = send({ isRetryable: true, path: '/twice' });
    const outcome = expect(failedTwice).rejects.toMatchObject({ name: 'ConnectionError', isRequestSent: true });
    for (let killed = 0; killed < 2; killed++) {
      const busy = await vi.waitFor(() => {
        const found = replicas.find(({ received }) => received.at(-1) === 'GET /twice');
        expect(found).toBeDefined();
        return found;
      }, WAIT);
      busy?.received.pop();
      await busy?.kill();
    }
    await outcome;
    expect(replicas.flatMap(({ received }) => received)).not.toContain('GET /twice');
  });

  it('does not fail over when the request is not retryable', async () => {
    const { replicas, send } = await start('a', 'b');
    silent(replicas[0]);
    const lost = expect(send()).rejects.toBeInstanceOf(ConnectionError);
    await vi.waitFor(() => expect(replicas[0].received).toHaveLength(1), WAIT);
    await replicas[0].kill();
    await lost;
    expect(replicas[1].received).toEqual([]);
    expect(await bodiesOf(send, 2)).toEqual(['b', 'b']);
  });

  it('ejects a replica that dies during a response, and does not fail over', async () => {
    const { replicas, send, timers } = await start('a', 'b');
    keepOpen(replicas[0]);
    const response = await send({ isRetryable: true });
    const text = textOf(response).catch(() => 'threw');
    await replicas[0].kill();
    expect(['partial', 'threw']).toContain(await text);
    expect(await response.closed).toEqual({ isBroken: true });
    expect(timers.waiting()).toEqual([250]);
    expect(replicas[1].received).toEqual([]);
  });

  it('does not eject a replica when the client cancels', async () => {
    const { replicas, send, timers } = await start('a', 'b');
    silent(replicas[0]);
    const client = new AbortController();
    const cancelled = expect(send({ isRetryable: true, signal: client.signal })).rejects.toThrow();
    await vi.waitFor(() => expect(replicas[0].received).toHaveLength(1), WAIT);
    client.abort();
    await cancelled;
    keepOpen(replicas[1]);
    const another = new AbortController();
    const response = await send({ signal: another.signal });
    another.abort();
    expect(await response.closed).toEqual({ isBroken: false });
    expect(timers.waiting()).toEqual([]);
    expect(replicas.map(({ received }) => received.length)).toEqual([1, 1]);
  });

  it('returns an error response without failing over, and keeps its replica', async () => {
    const { replicas, send, timers } = await start('a', 'b');
    replicas[0].respondWith((response) => response.writeHead(503).end('overloaded'));
    const request = { isRetryable: true };
    expect(await bodiesOf(() => send(request), 3)).toEqual(['overloaded', 'b', 'overloaded']);
    expect(timers.waiting()).toEqual([]);
  });

  it('tries the replica that was ejected first when all are ejected', async () => {
    const { replicas, send } = await start('a', 'b');
    for (const replica of replicas) await replica.kill();
    await expect(send()).rejects.toMatchObject({ name: 'ConnectionError', isRequestSent: false });
    for (const replica of replicas) await replica.revive();
    // The response readmits the first replica; the other one stays ejected.
    expect(await bodiesOf(send, 3)).toEqual(['a', 'a', 'a']);
  });

  it('fails over with a streamed body of which at most 256 KB have been read', async () => {
    const { replicas, send } = await start('a', 'b');
    const echo = (replica: (typeof replicas)[number]) =>
      replica.respondWith((response, request) => {
        request.setEncoding('utf8').on('data', (text) => response.write(text));
        request.on('end', () => response.end());
      });
    for (const replica of replicas) echo(replica);
    async function* pieces() {
      yield Buffer.from('one ');
      yield Buffer.from('two');
    }
    await replicas[0].kill();
    expect(await textOf(await send({ method: 'POST', body: pieces() }))).toBe('one two');

    await replicas[0].revive();
    echo(replicas[0]);
    silent(replicas[1]);
    const isClosed = vi.fn<() => void>();
    const endless = async function* (beginning: Buffer) {
      try {
        yield beginning;
        await released.promise;
      } finally {
        isClosed();
      }
    };
    const released = Promise.withResolvers<void>();
    const short = send({ method: 'POST', body: endless(Buffer.from('one ')), isRetryable: true });
    await vi.waitFor(() => expect(replicas[1].received).toHaveLength(2), WAIT);
    await replicas[1].kill();
    await vi.waitFor(() => expect(replicas[0].received).toHaveLength(1), WAIT);
    released.resolve();
    expect(await textOf(await short)).toBe('one ');
    expect(isClosed).toHaveBeenCalledTimes(1);

    await replicas[1].revive();
    for (const replica of replicas) silent(replica);
    const before = replicas.map(({ received }) => received.length);
    const long = endless(Buffer.alloc((256 << 10) + 1));
    const lost = expect(send({ method: 'POST', body: long, isRetryable: true })).rejects.toBeInstanceOf(ConnectionError);
    const receiver = await vi.waitFor(() => {
      const index = replicas.findIndex(({ received }, each) => received.length > (before[each] ?? 0));
      expect(index).toBeGreaterThanOrEqual(0);
      return index;
    }, WAIT);
    await replicas[receiver]?.kill();
    await lost;
    const after = replicas.map(({ received }) => received.length);
    expect(after.map((count, index) => count - (before[index] ?? 0)).toSorted()).toEqual([0, 1]);
  });

  it('stops probing when it is closed', async () => {
    const { replicas, send, timers, loadBalancer } = await start('a', 'b');
    await replicas[0].kill();
    await bodiesOf(send, 2);
    expect(timers.waiting()).toEqual([250]);
    await loadBalancer.close();
    expect(timers.waiting()).toEqual([]);
  });
});

it('returns a single transport unchanged', () => {
  const transport = createHttp2Transport({ baseUrl: 'http://127.0.0.1:1', connectTimeoutMs: 1 });
  expect(createLoadBalancer({ transports: [transport] })).toBe(transport);
});
