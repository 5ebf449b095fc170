import { INTERNAL_HEADERS } from '@prodigon/platform';
import { beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { createManualTimers } from './replica.test-support.ts';
import { createReplica, unreferencedTimeout } from './replica.ts';
import { ConnectionError, type TransportRequest, type TransportResponse } from './transport.ts';

const broken = new ConnectionError('It broke.', { isRequestSent: true });

/** A replica whose responses the test sends. Requests wait until `respond` or `fail` is called. */
function setUp() {
  const timers = createManualTimers();
  const waiting: { request: TransportRequest; deferred: PromiseWithResolvers<TransportResponse> }[] = [];
  const transport = {
    send(request: TransportRequest) {
      const deferred = Promise.withResolvers<TransportResponse>();
      waiting.push({ request, deferred });
      return deferred.promise;
    },
    close: vi.fn(async () => {}),
  };
  const replica = createReplica({ transport, after: timers.after });
  const controller = new AbortController();
  const send = () => replica.send({ method: 'GET', path: '/', headers: {}, signal: controller.signal }).catch((error) => error);
  /** Responds to the oldest request. Returns a function that closes the response. */
  const respond = (status = 200, headers: TransportResponse['headers'] = {}) => {
    const closed = Promise.withResolvers<{ isBroken: boolean }>();
    async function* body() {}
    waiting.shift()?.deferred.resolve({ status, headers, body: body(), trailers: () => ({}), closed: closed.promise });
    return closed.resolve;
  };
  const fail = (error: Error) => waiting.shift()?.deferred.reject(error);
  const settle = () => new Promise(setImmediate);
  return { replica, timers, transport, send, respond, fail, settle, waiting, controller };
}

/** Ejects the replica and sends its first probe. */
async function eject({ send, fail, settle, timers }: ReturnType<typeof setUp>) {
  void send();
  fail(broken);
  await settle();
  timers.fire(250);
  await settle();
}

describe('a replica', () => {
  it('counts a request as pending until its response closes', async () => {
    const { replica, send, respond, fail, settle } = setUp();
    const requests = [send(), send()];
    expect(replica.pending).toBe(2);
    const close = respond();
    fail(new Error('rejected'));
    await Promise.all(requests);
    expect(replica.pending).toBe(1);
    close({ isBroken: false });
    await settle();
    expect([replica.pending, replica.ejectedAt]).toEqual([0, null]);
  });

  it.each([
    ['its connection fails', ({ fail }: ReturnType<typeof setUp>) => void fail(broken)],
    ['a response breaks', ({ respond }: ReturnType<typeof setUp>) => void respond()({ isBroken: true })],
    [
      'it rejects a request while draining',
      ({ respond }: ReturnType<typeof setUp>) => void respond(503, { [INTERNAL_HEADERS.rejected]: 'draining' }),
    ],
  ])('is ejected when %s', async (_case, end) => {
    const setup = setUp();
    void setup.send();
    end(setup);
    await setup.settle();
    expect(setup.replica.ejectedAt).toBeGreaterThan(0);
    expect(setup.timers.waiting()).toEqual([250]);
  });

  it('is not ejected by an error of the request, or by a client that has disconnected', async () => {
    const { replica, send, fail, settle, controller } = setUp();
    void send();
    fail(new Error('of the request'));
    void send();
    controller.abort();
    fail(broken);
    await settle();
    expect(replica.ejectedAt).toBeNull();
  });

  it('keeps the time of its ejection and one probe when more requests fail', async () => {
    const { replica, send, fail, settle, timers } = setUp();
    void send();
    void send();
    fail(broken);
    await settle();
    const { ejectedAt } = replica;
    await settle();
    fail(broken);
    await settle();
    expect(replica.ejectedAt).toBe(ejectedAt);
    expect(timers.waiting()).toEqual([250]);
  });
});

describe('an ejected replica', () => {
  it('is admitted when its probe of /readyz returns 200', async () => {
    const setup = setUp();
    await eject(setup);
    expect(setup.waiting[0]?.request).toMatchObject({ method: 'GET', path: '/readyz', headers: {} });
    expect(setup.timers.waiting()).toEqual([1_500]);
    setup.respond();
    await setup.settle();
    expect([setup.replica.ejectedAt, setup.timers.waiting()]).toEqual([null, []]);
  });

  it.each([
    ['returns another status', ({ respond }: ReturnType<typeof setUp>) => void respond(503)],
    ['fails', ({ fail }: ReturnType<typeof setUp>) => void fail(broken)],
  ])('is probed again after twice the delay when its probe %s', async (_case, end) => {
    const setup = setUp();
    await eject(setup);
    end(setup);
    await setup.settle();
    expect(setup.replica.ejectedAt).not.toBeNull();
    expect(setup.timers.waiting()).toEqual([500]);
  });

  it('aborts a probe that takes longer than 1.5 seconds', async () => {
    const setup = setUp();
    await eject(setup);
    const { signal } = setup.waiting[0]?.request ?? {};
    expect(signal?.aborted).toBe(false);
    setup.timers.fire(1_500);
    expect(signal?.aborted).toBe(true);
  });

  it('is admitted by a response to a request that was sent after the ejection, and needs no probe then', async () => {
    const { replica, send, fail, respond, settle, timers } = setUp();
    void send();
    fail(broken);
    await settle();
    void send();
    respond();
    await settle();
    expect([replica.ejectedAt, timers.waiting()]).toEqual([null, []]);
  });

  it('is not admitted by a response to a request that was sent before', async () => {
    const { replica, send, fail, respond, settle } = setUp();
    void send();
    void send();
    fail(broken);
    await settle();
    respond();
    await settle();
    expect(replica.ejectedAt).not.toBeNull();
  });

  it('is probed no more after it was closed', async () => {
    const setup = setUp();
    await eject(setup);
    await setup.replica.close();
    setup.fail(broken);
    await setup.settle();
    expect(setup.timers.waiting()).toEqual([]);
    expect(setup.transport.close).toHaveBeenCalledOnce();
  });
});

it('is not ejected after it was closed', async () => {
  const { replica, send, fail, settle, timers } = setUp();
  await replica.close();
  void send();
  fail(broken);
  await settle();
  expect([replica.ejectedAt, timers.waiting()]).toEqual([null, []]);
});

describe('unreferencedTimeout', () => {
  beforeEach(() => {
    vi.useFakeTimers();
    onTestFinished(() => void vi.useRealTimers());
  });

  it('calls back after the delay unless it was cancelled', () => {
    const [fired, cancelled] = [vi.fn(), vi.fn()];
    unreferencedTimeout(100, fired);
    unreferencedTimeout(100, cancelled)();
    vi.advanceTimersByTime(99);
    expect(fired).not.toHaveBeenCalled();
    vi.advanceTimersByTime(1);
    expect([fired.mock.calls.length, cancelled.mock.calls.length]).toEqual([1, 0]);
  });
});
