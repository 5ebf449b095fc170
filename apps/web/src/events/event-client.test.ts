import { expect, it, vi } from 'vitest';
import { createEventClient } from './event-client.ts';
import type { HubMessage, HubRequest } from './event-protocol.ts';

function setUp() {
  const requests: HubRequest[] = [];
  let deliver: (message: HubMessage) => void = () => {};
  const tab = { isHidden: false, apiKey: undefined as string | undefined };
  const onUnauthenticated = vi.fn();
  const client = createEventClient({
    connect(onMessage) {
      deliver = onMessage;
      return (request) => requests.push(request);
    },
    apiKey: () => tab.apiKey,
    isHidden: () => tab.isHidden,
    onUnauthenticated,
  });
  const latest = () => requests.at(-1);
  return { client, requests, latest, tab, onUnauthenticated, deliver: (message: HubMessage) => deliver(message) };
}

const item = (sequence: number) => ({ event: 'item', data: '{}', id: `a:${sequence}` });

it('requests a topic once for all of its subscribers, until the last one unsubscribes', () => {
  const { client, requests, latest } = setUp();
  client.refresh();
  expect(requests).toEqual([]);
  const leave = [1, 2].map(() => client.subscribe('health', { onEvent: () => {} }));
  expect(latest()).toEqual({ apiKey: undefined, topics: { health: null } });
  leave[0]?.();
  expect(latest()?.topics).toEqual({ health: null });
  leave[1]?.();
  expect(latest()?.topics).toEqual({});
});

it('releases its topics while the tab is hidden, and resumes after the last event', () => {
  const { client, latest, tab, deliver } = setUp();
  client.subscribe('job:a', { onEvent: () => {} }, 'a:3');
  expect(latest()?.topics).toEqual({ 'job:a': 'a:3' });
  deliver({ type: 'event', topic: 'job:a', event: item(5) });
  tab.isHidden = true;
  client.refresh();
  expect(latest()?.topics).toEqual({});
  tab.isHidden = false;
  client.refresh();
  expect(latest()?.topics).toEqual({ 'job:a': 'a:5' });
});

it('sends the API key, and asks for one when the gateway requires it', () => {
  const { client, latest, tab, deliver, onUnauthenticated } = setUp();
  client.subscribe('jobs', { onEvent: () => {} });
  deliver({ type: 'unauthenticated' });
  expect(onUnauthenticated).toHaveBeenCalledTimes(1);
  tab.apiKey = 'key';
  client.refresh();
  expect(latest()).toEqual({ apiKey: 'key', topics: { jobs: null } });
});

it('delivers events to the subscribers of their topic, and connection changes to all subscribers', () => {
  const { client, deliver } = setUp();
  const [job, health] = [
    { onEvent: vi.fn(), onConnection: vi.fn() },
    { onEvent: vi.fn(), onConnection: vi.fn() },
  ];
  client.subscribe('job:a', job);
  client.subscribe('health', health);
  deliver({ type: 'connection', isOpen: false });
  deliver({ type: 'event', topic: 'job:a', event: item(5) });
  expect(job.onEvent.mock.calls).toEqual([[item(5)]]);
  expect(health.onEvent).not.toHaveBeenCalled();
  for (const { onConnection } of [job, health]) expect(onConnection.mock.calls).toEqual([[false]]);
});
