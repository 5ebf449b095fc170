import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { HubMessage, HubRequest } from './event-protocol.ts';
import { connectToSharedHub } from './shared-hub.ts';

beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] }));
afterEach(() => void vi.useRealTimers());

const health: HubRequest = { apiKey: undefined, topics: { health: null } };
const released: HubRequest = { apiKey: undefined, topics: {} };

/** Connects a tab to hubs that the test controls: three workers, then the hub of the tab. */
function setUp() {
  const hubs: { requests: HubRequest[]; reply: (message: HubMessage) => void; fail: () => void }[] = [];
  const addHub = (reply: (message: HubMessage) => void, fail = () => {}) => {
    const requests: HubRequest[] = [];
    hubs.push({ requests, reply, fail });
    return (request: HubRequest) => requests.push(request);
  };
  const onMessage = vi.fn();
  const connectWorker = vi.fn((_number: number, reply: (message: HubMessage) => void, fail: () => void) => addHub(reply, fail));
  const request = connectToSharedHub({ connectWorker, createOwnHub: addHub }, onMessage);
  return { hubs, connectWorker, request, onMessage };
}

it('keeps a worker that replies', () => {
  const { hubs, request, onMessage } = setUp();
  for (let repetition = 0; repetition < 3; repetition += 1) {
    request(health);
    vi.advanceTimersByTime(9_999);
    hubs[0]?.reply({ type: 'received' });
    vi.advanceTimersByTime(20_000);
  }
  expect(hubs.map(({ requests }) => requests)).toEqual([[health, health, health]]);
  expect(onMessage).toHaveBeenCalledTimes(3);
});

it('sends the request to another worker when a worker no longer replies, and ignores what arrives late', () => {
  const { hubs, connectWorker, request, onMessage } = setUp();
  request(health);
  hubs[0]?.reply({ type: 'received' });
  request(health);
  vi.advanceTimersByTime(10_000);
  expect(hubs.map(({ requests }) => requests)).toEqual([[health, health, released], [health]]);
  expect(connectWorker.mock.calls.map(([number]) => number)).toEqual([0, 1]);
  hubs[0]?.reply({ type: 'connection', isOpen: false });
  expect(onMessage).toHaveBeenCalledTimes(1);
});

it('uses a hub in the tab after three workers without a reply', () => {
  const { hubs, connectWorker, request } = setUp();
  request(health);
  vi.advanceTimersByTime(60_000);
  expect(hubs.map(({ requests }) => requests.length)).toEqual([2, 2, 2, 1]);
  expect(connectWorker).toHaveBeenCalledTimes(3);
});

it('uses a hub in the tab when the script of the worker cannot be loaded', () => {
  const { hubs, connectWorker, request } = setUp();
  request(health);
  hubs[0]?.fail();
  expect(hubs[1]?.requests).toEqual([health]);
  expect(connectWorker).toHaveBeenCalledTimes(1);
});

it('expects no reply for a tab that is hidden', () => {
  const { hubs, request } = setUp();
  request(health);
  request(released);
  vi.advanceTimersByTime(60_000);
  expect(hubs).toHaveLength(1);
});
