import dns from 'node:dns/promises';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { createHttp1Transport } from './http1-transport.ts';
import { createHybridTransport } from './http2-transport.ts';
import { createManualTimers, type FakeReplica, rejectWhileDraining, startReplica } from './replica.test-support.ts';
import { createReplicaGroup } from './replica-group.ts';
import type { TransportRequest, TransportResponse } from './transport.ts';

const NAME = 'model.example.com';
const RESOLVE_AGAIN_MS = 5_000;
const CONNECT_TIMEOUT_MS = 1_000;
const TRANSPORTS = { http1: createHttp1Transport, http2: createHybridTransport };

describe.each(['http1', 'http2'] as const)('a host name with several addresses, over %s', (protocol) => {
  /** Starts one replica for each address of the test, of which the name has those in `listed`. */
  async function start(addresses: readonly string[], listed: string[], urls = [`http://${NAME}:8001`]) {
    const replicas = new Map<string, FakeReplica>();
    for (const address of addresses) replicas.set(address, await startReplica(address));
    const timers = createManualTimers();
    const lookUp = vi.fn(async (_hostname: string): Promise<readonly string[]> => [...listed]);
    const group = createReplicaGroup({
      urls,
      connectTimeoutMs: CONNECT_TIMEOUT_MS,
      lookUp,
      after: timers.after,
      createTransport: (url) => {
        const baseUrl = replicas.get(new URL(url).hostname)?.url ?? url;
        return TRANSPORTS[protocol]({ baseUrl, connectTimeoutMs: 5_000 });
      },
    });
    onTestFinished(() => group.transport.close());
    const send = (request: Partial<TransportRequest> = {}) =>
      group.transport.send({ method: 'GET', path: '/', headers: {}, signal: new AbortController().signal, ...request });
    const replica = (address: string) => replicas.get(address) as FakeReplica;
    /** Resolves the name again and waits for the result. */
    async function resolveAgain(): Promise<void> {
      timers.fire(RESOLVE_AGAIN_MS);
      await vi.waitFor(() => expect(timers.waiting()).toContain(RESOLVE_AGAIN_MS));
    }
    return { group, listed, lookUp, replica, resolveAgain, send, timers };
  }

  async function textOf({ body }: TransportResponse): Promise<string> {
    const chunks: Uint8Array[] = [];
    for await (const chunk of body) chunks.push(chunk);
    return Buffer.concat(chunks).toString();
  }

  /** Returns the addresses that respond to `count` requests, sent one after another. */
  async function addressesOf(send: () => Promise<TransportResponse>, count: number): Promise<string[]> {
    const addresses: string[] = [];
    for (let index = 0; index < count; index++) {
      const response = await send();
      addresses.push(await textOf(response));
      await response.closed;
    }
    return addresses.sort();
  }

  it('balances requests over all of its addresses', async () => {
    const { send, lookUp, group } = await start(['10.0.0.1', '10.0.0.2'], ['10.0.0.1', '10.0.0.2', '10.0.0.1']);
    expect(await addressesOf(send, 4)).toEqual(['10.0.0.1', '10.0.0.1', '10.0.0.2', '10.0.0.2']);
    expect(lookUp.mock.calls).toEqual([[NAME]]);
    expect(await group.replicas()).toHaveLength(2);
  });

  it('sends requests to an address that appears, and none to one that disappears', async () => {
    const { send, listed, resolveAgain } = await start(['10.0.0.1', '10.0.0.2', '10.0.0.3'], ['10.0.0.1', '10.0.0.2']);
    expect(await addressesOf(send, 2)).toEqual(['10.0.0.1', '10.0.0.2']);
    listed.splice(0, 2, '10.0.0.2', '10.0.0.3');
    await resolveAgain();
    expect(await addressesOf(send, 4)).toEqual(['10.0.0.2', '10.0.0.2', '10.0.0.3', '10.0.0.3']);
  });

  it('finishes the open response of an address that disappears', async () => {
    const { send, listed, replica, resolveAgain } = await start(['10.0.0.1', '10.0.0.2'], ['10.0.0.1']);
    let finish = () => {};
    replica('10.0.0.1').respondWith((response) => {
      response.writeHead(200).write('first ');
      finish = () => response.end('last');
    });
    const open = await send();
    listed.splice(0, 1, '10.0.0.2');
    await resolveAgain();
    expect(await addressesOf(send, 1)).toEqual(['10.0.0.2']);
    finish();
    expect(await textOf(open)).toBe('first last');
  });

  it('counts the open responses of an address that it keeps', async () => {
    const { send, replica, resolveAgain } = await start(['10.0.0.1', '10.0.0.2'], ['10.0.0.1', '10.0.0.2']);
    replica('10.0.0.1').respondWith((response) => response.writeHead(200).write('open'));
    await send();
    await resolveAgain();
    expect(await addressesOf(send, 3)).toEqual(['10.0.0.2', '10.0.0.2', '10.0.0.2']);
  });

  it('keeps its last addresses while the name cannot be resolved', async () => {
    const { send, lookUp, resolveAgain } = await start(['10.0.0.1'], ['10.0.0.1']);
    await addressesOf(send, 1);
    lookUp.mockRejectedValueOnce(new Error('SERVFAIL'));
    await resolveAgain();
    expect(await addressesOf(send, 1)).toEqual(['10.0.0.1']);
  });

  it('fails over from an address that refuses connections or drains', async () => {
    const { send, replica } = await start(['10.0.0.1', '10.0.0.2', '10.0.0.3'], ['10.0.0.1', '10.0.0.2', '10.0.0.3']);
    await replica('10.0.0.1').kill();
    replica('10.0.0.2').respondWith(rejectWhileDraining);
    expect(await addressesOf(send, 3)).toEqual(['10.0.0.3', '10.0.0.3', '10.0.0.3']);
  });

  it('sends the name in the Host header', async () => {
    const { send, replica } = await start(['10.0.0.1'], ['10.0.0.1']);
    replica('10.0.0.1').respondWith((response, { headers }) => response.end(headers.host));
    for (const isUnary of [true, false]) expect(await textOf(await send({ isUnary }))).toBe(`${NAME}:8001`);
  });

  it('rejects a request with a connection error that may fail over while the name has never been resolved', async () => {
    const { send, lookUp, group, listed } = await start(['10.0.0.1'], []);
    lookUp.mockRejectedValue(new Error('ENOTFOUND'));
    const failure = { name: 'ConnectionError', isRequestSent: false };
    await expect(send()).rejects.toMatchObject(failure);
    const [only] = await group.replicas();
    await expect(
      only?.send({ method: 'GET', path: '/', headers: {}, signal: new AbortController().signal }),
    ).rejects.toMatchObject(failure);
    listed.push('10.0.0.1');
    lookUp.mockImplementation(async () => listed);
    expect(await addressesOf(send, 1)).toEqual(['10.0.0.1']);
  });

  it('rejects a request when the name server does not respond within the connect timeout', async () => {
    const { send, lookUp, timers } = await start(['10.0.0.1'], []);
    lookUp.mockReturnValue(new Promise(() => {}));
    const sent = expect(send()).rejects.toMatchObject({ name: 'ConnectionError', isRequestSent: false });
    await vi.waitFor(() => expect(timers.waiting()).toEqual([CONNECT_TIMEOUT_MS]));
    timers.fire(CONNECT_TIMEOUT_MS);
    await sent;
  });

  it('uses the other URLs of the list when a name cannot be resolved', async () => {
    const urls = [`http://${NAME}:8001`, 'http://10.0.0.9:8001'];
    const { send, lookUp } = await start(['10.0.0.9'], [], urls);
    lookUp.mockRejectedValue(new Error('ENOTFOUND'));
    expect(await addressesOf(send, 2)).toEqual(['10.0.0.9', '10.0.0.9']);
    expect(lookUp).toHaveBeenCalledTimes(1);
  });
});

it.each(['http://127.0.0.1:8001', 'http://localhost:8001', 'http://[::1]:8001', 'https://model.example.com'])(
  'connects to %s without resolving it',
  async (url) => {
    const lookUp = vi.fn();
    const urls: string[] = [];
    const { transport } = createReplicaGroup({
      urls: [url],
      connectTimeoutMs: CONNECT_TIMEOUT_MS,
      lookUp,
      createTransport: (baseUrl) => {
        urls.push(baseUrl);
        return { send: () => Promise.reject(new Error('sent')), close: async () => {} };
      },
    });
    await expect(transport.send({ method: 'GET', path: '/', headers: {}, signal: new AbortController().signal })).rejects.toThrow(
      'sent',
    );
    expect([urls, lookUp.mock.calls]).toEqual([[url], []]);
  },
);

it.each([
  [
    ['10.0.0.1', 'fd00::1', '10.0.0.2'],
    ['http://10.0.0.1:8001', 'http://10.0.0.2:8001'],
  ],
  [
    ['fd00::1', 'fd00::2'],
    ['http://[fd00::1]:8001', 'http://[fd00::2]:8001'],
  ],
])('uses one family of the addresses %j, because a machine may have both', async (addresses, expected) => {
  const lookup = vi.spyOn(dns, 'lookup') as unknown as { mockResolvedValue(found: object[]): void; mockRestore(): void };
  onTestFinished(() => lookup.mockRestore());
  lookup.mockResolvedValue(addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 })));
  const urls: string[] = [];
  const { transport, replicas } = createReplicaGroup({
    urls: [`http://${NAME}:8001`],
    connectTimeoutMs: CONNECT_TIMEOUT_MS,
    createTransport: (baseUrl) => {
      urls.push(baseUrl);
      return { send: () => Promise.reject(new Error('sent')), close: async () => {} };
    },
  });
  onTestFinished(() => transport.close());
  expect(await replicas()).toHaveLength(2);
  expect(urls).toEqual(expected);
});
