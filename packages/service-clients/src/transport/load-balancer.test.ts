import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { createHttp1Transport } from './http1-transport.ts';
import { createHttp2Transport } from './http2-transport.ts';
import { createLoadBalancer } from './load-balancer.ts';
import { createManualTimers, type FakeReplica, refuse, startReplica } from './replica.test-support.ts';
import { ConnectionError, type TransportRequest, type TransportResponse } from './transport.ts';

const WAIT = { timeout: 30_000, interval: 5 };
const TRANSPORTS = { http1: createHttp1Transport, http2: createHttp2Transport };

describe.each(['http1', 'http2'] as const)('replicas over %s', (transport) => {
  async function start(...names: string[]) {
    const replicas = await Promise.all(names.map(startReplica));
    const timers = createManualTimers();
    const transports = replicas.map(({ url }) => TRANSPORTS[transport]({ baseUrl: url, connectTimeoutMs: 5_000 }));
    const exchange = createLoadBalancer({ transports, after: timers.after });
    onTestFinished(() => exchange.close());
    const send = (request: Partial<TransportRequest> = {}) =>
      exchange.send({ method: 'GET', path: '/', headers: {}, signal: new AbortController().signal, ...request });
    return { replicas: replicas as [FakeReplica, FakeReplica, FakeReplica], timers, exchange, send };
  }

  async function textOf({ body }: TransportResponse): Promise<string> {
    const chunks: Uint8Array[] = [];
    for await (const chunk of body) chunks.push(chunk);
    return Buffer.concat(chunks).toString();
  }

  /** What each of so many requests, one after the other, was answered. */
  async function answersTo(send: () => Promise<TransportResponse>, count: number): Promise<string[]> {
    const answers: string[] = [];
    for (let index = 0; index < count; index++) {
      const response = await send();
      answers.push(await textOf(response));
      await response.closed;
    }
    return answers;
  }

  /** Answers with headers and leaves the body open. */
  const open = (replica: FakeReplica) => replica.answer((response) => response.writeHead(200).write('begun'));
  const silent = (replica: FakeReplica) => replica.answer(() => {});

  it('take requests in turn while they have equally many', async () => {
    const { send } = await start('a', 'b', 'c');
    expect(await answersTo(send, 6)).toEqual(['a', 'b', 'c', 'a', 'b', 'c']);
  });

  it('have a request pending until its body has closed, and who has fewest gets the next', async () => {
    const { replicas, send } = await start('a', 'b');
    open(replicas[0]);
    const streaming = await send();
    expect(await answersTo(send, 3)).toEqual(['b', 'b', 'b']);
    // The reader leaves.
    for await (const _ of streaming.body) break;
    expect(await streaming.closed).toEqual({ isBroken: false });
    await replicas[0].revive();
    expect((await answersTo(send, 2)).sort()).toEqual(['a', 'b']);
  });

  it('are probed after a refused connection, less and less often, and work again once they are ready', async () => {
    const { replicas, send, timers } = await start('a', 'b');
    await replicas[0].kill();
    expect(await answersTo(send, 3)).toEqual(['b', 'b', 'b']);
    for (const ms of [250, 500, 1_000, 2_000, 4_000, 8_000, 10_000]) {
      await vi.waitFor(() => expect(timers.waiting()).toEqual([ms]), WAIT);
      timers.fire(ms);
    }
    await vi.waitFor(() => expect(timers.waiting()).toEqual([10_000]), WAIT);
    await replicas[0].revive();
    timers.fire(10_000);
    await vi.waitFor(() => expect(timers.waiting()).toEqual([]), WAIT);
    expect((await answersTo(send, 2)).sort()).toEqual(['a', 'b']);
  });

  it('get nothing while they drain: what they refuse at the door goes to another, bodies of text included', async () => {
    const { replicas, send, timers } = await start('a', 'b');
    replicas[0].answer(refuse);
    expect(await answersTo(() => send({ method: 'POST', path: '/jobs', body: 'text' }), 3)).toEqual(['b', 'b', 'b']);
    expect(replicas[0].asked).toEqual(['POST /jobs']);
    timers.fire(250);
    await vi.waitFor(() => expect(timers.waiting()).toEqual([500]), WAIT);
    await replicas[0].revive();
    timers.fire(500);
    await vi.waitFor(() => expect(timers.waiting()).toEqual([]), WAIT);
    expect((await answersTo(send, 2)).sort()).toEqual(['a', 'b']);
  });

  it('pass the refusal on when all of them drain', async () => {
    const { replicas, send } = await start('a', 'b');
    for (const replica of replicas) replica.answer(refuse);
    const response = await send();
    expect([response.status, await textOf(response)]).toEqual([503, 'refused']);
  });

  it('take over, once, what a killed one had not begun to answer, when it is repeatable', async () => {
    const { replicas, send } = await start('a', 'b', 'c');
    silent(replicas[0]);
    const moved = send({ isRetryable: true });
    await vi.waitFor(() => expect(replicas[0].asked).toHaveLength(1), WAIT);
    await replicas[0].kill();
    expect(await textOf(await moved)).toBe('b');

    for (const replica of [replicas[1], replicas[2]]) silent(replica);
    const movedTwice = send({ isRetryable: true, path: '/twice' });
    const outcome = expect(movedTwice).rejects.toMatchObject({ name: 'ConnectionFailure', isSent: true });
    for (let killed = 0; killed < 2; killed++) {
      const busy = await vi.waitFor(() => {
        const found = replicas.find(({ asked }) => asked.at(-1) === 'GET /twice');
        expect(found).toBeDefined();
        return found;
      }, WAIT);
      busy?.asked.pop();
      await busy?.kill();
    }
    await outcome;
    expect(replicas.flatMap(({ asked }) => asked)).not.toContain('GET /twice');
  });

  it('do not take over what may not be repeated', async () => {
    const { replicas, send } = await start('a', 'b');
    silent(replicas[0]);
    const lost = expect(send()).rejects.toBeInstanceOf(ConnectionError);
    await vi.waitFor(() => expect(replicas[0].asked).toHaveLength(1), WAIT);
    await replicas[0].kill();
    await lost;
    expect(replicas[1].asked).toEqual([]);
    expect(await answersTo(send, 2)).toEqual(['b', 'b']);
  });

  it('do not take over an answer that had begun; its replica is ejected', async () => {
    const { replicas, send, timers } = await start('a', 'b');
    open(replicas[0]);
    const response = await send({ isRetryable: true });
    const text = textOf(response).catch(() => 'threw');
    await replicas[0].kill();
    expect(['begun', 'threw']).toContain(await text);
    expect(await response.closed).toEqual({ isBroken: true });
    expect(timers.waiting()).toEqual([250]);
    expect(replicas[1].asked).toEqual([]);
  });

  it('are not to blame when the caller leaves', async () => {
    const { replicas, send, timers } = await start('a', 'b');
    silent(replicas[0]);
    const caller = new AbortController();
    const left = expect(send({ isRetryable: true, signal: caller.signal })).rejects.toThrow();
    await vi.waitFor(() => expect(replicas[0].asked).toHaveLength(1), WAIT);
    caller.abort();
    await left;
    open(replicas[1]);
    const another = new AbortController();
    const response = await send({ signal: another.signal });
    another.abort();
    expect(await response.closed).toEqual({ isBroken: false });
    expect(timers.waiting()).toEqual([]);
    expect(replicas.map(({ asked }) => asked.length)).toEqual([1, 1]);
  });

  it('that answer with an error keep their request, and their work', async () => {
    const { replicas, send, timers } = await start('a', 'b');
    replicas[0].answer((response) => response.writeHead(503).end('overloaded'));
    const request = { isRetryable: true };
    expect(await answersTo(() => send(request), 3)).toEqual(['overloaded', 'b', 'overloaded']);
    expect(timers.waiting()).toEqual([]);
  });

  it('are tried although they were ejected, the longest one first, when there is no other', async () => {
    const { replicas, send } = await start('a', 'b');
    for (const replica of replicas) await replica.kill();
    await expect(send()).rejects.toMatchObject({ name: 'ConnectionFailure', isSent: false });
    for (const replica of replicas) await replica.revive();
    // The first answer brings it back; the other one is still out.
    expect(await answersTo(send, 3)).toEqual(['a', 'a', 'a']);
  });

  it('get a body in pieces from another only while its first piece was not taken', async () => {
    const { replicas, send } = await start('a', 'b');
    for (const replica of replicas) {
      replica.answer((response, request) => {
        request.setEncoding('utf8').on('data', (text) => response.write(text));
        request.on('end', () => response.end());
      });
    }
    async function* pieces() {
      yield Buffer.from('one ');
      yield Buffer.from('two');
    }
    await replicas[0].kill();
    expect(await textOf(await send({ method: 'POST', body: pieces() }))).toBe('one two');

    await replicas[0].revive();
    silent(replicas[1]);
    const endless = async function* () {
      yield Buffer.from('one ');
      await new Promise(() => {});
    };
    const lost = expect(send({ method: 'POST', body: endless(), isRetryable: true })).rejects.toBeInstanceOf(ConnectionError);
    await vi.waitFor(() => expect(replicas[1].asked).toHaveLength(2), WAIT);
    await replicas[1].kill();
    await lost;
    expect(replicas[0].asked).toEqual([]);
  });

  it('are not probed any more once nobody calls them', async () => {
    const { replicas, send, timers, exchange } = await start('a', 'b');
    await replicas[0].kill();
    await answersTo(send, 2);
    expect(timers.waiting()).toEqual([250]);
    await exchange.close();
    expect(timers.waiting()).toEqual([]);
  });
});

it('a single replica is called as if there were no choice', () => {
  const exchange = createHttp2Transport({ baseUrl: 'http://127.0.0.1:1', connectTimeoutMs: 1 });
  expect(createLoadBalancer({ transports: [exchange] })).toBe(exchange);
});
