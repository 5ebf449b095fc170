import type { RawEvent } from '@prodigon/api-client/raw-events';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { createEventHub, UnauthenticatedError } from './event-hub.ts';
import type { HubMessage } from './event-protocol.ts';

beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date'] }));
afterEach(() => void vi.useRealTimers());

const JOB = '01a20ad0-a913-7191-8a23-763a9ac3ab81';
const jobEvent = (sequence: number, event = 'job'): RawEvent => ({ event, data: '{}', id: `${JOB}:${sequence}` });

interface Opened {
  topics: readonly string[];
  apiKey: string | undefined;
  signal: AbortSignal;
  send: (event: RawEvent) => Promise<void>;
  end: () => Promise<void>;
}

/** Creates a hub whose connections the test controls. */
function setUp() {
  const opened: Opened[] = [];
  let failure: Error | undefined;
  const hub = createEventHub({
    random: () => 1,
    async open(topics, apiKey, signal) {
      const ready: (RawEvent | undefined)[] = [];
      let wake = () => {};
      const push = async (event: RawEvent | undefined) => {
        ready.push(event);
        wake();
        await vi.advanceTimersByTimeAsync(0);
      };
      opened.push({ topics, apiKey, signal, send: push, end: () => push(undefined) });
      if (failure) throw failure;
      return (async function* () {
        for (;;) {
          while (ready.length > 0) {
            const next = ready.shift();
            if (!next) return;
            yield next;
          }
          await new Promise<void>((resolve) => {
            wake = resolve;
          });
        }
      })();
    },
  });
  const addTab = () => {
    const received: HubMessage[] = [];
    let replies = 0;
    const request = hub.addTab((message) => {
      if (message.type === 'received') replies += 1;
      else received.push(message);
    });
    return { received, request, replies: () => replies };
  };
  const setFailure = (error: Error | undefined) => {
    failure = error;
  };
  return { hub, opened, addTab, setFailure, settle: () => vi.advanceTimersByTimeAsync(20) };
}

it('shares one connection among tabs, and sends each tab only its topics', async () => {
  const { addTab, opened, settle } = setUp();
  const [one, two] = [addTab(), addTab()];
  one.request({ apiKey: undefined, topics: { health: null, [`job:${JOB}`]: `${JOB}:7` } });
  two.request({ apiKey: undefined, topics: { health: null } });
  await settle();
  expect(opened.map(({ topics }) => topics)).toEqual([['health', `job:${JOB}:7`]]);
  await opened[0]?.send(jobEvent(8));
  await opened[0]?.send({ event: 'health', data: '{}', id: undefined });
  expect(one.received.map(({ type }) => type)).toEqual(['connection', 'event', 'event']);
  expect(two.received).toMatchObject([{ type: 'connection', isOpen: true }, { topic: 'health' }]);
});

it('gives a tab that joins the latest state without another connection', async () => {
  const { addTab, opened, settle } = setUp();
  const [one, two] = [addTab(), addTab()];
  one.request({ apiKey: undefined, topics: { [`job:${JOB}`]: `${JOB}:7` } });
  await settle();
  await opened[0]?.send(jobEvent(8));
  two.request({ apiKey: undefined, topics: { [`job:${JOB}`]: `${JOB}:8` } });
  await settle();
  expect(opened).toHaveLength(1);
  expect(two.received).toEqual([
    { type: 'connection', isOpen: true },
    { type: 'event', topic: `job:${JOB}`, event: jobEvent(8) },
  ]);
});

it('returns to an earlier position when a tab joins with it', async () => {
  const { addTab, opened, settle } = setUp();
  const [one, two] = [addTab(), addTab()];
  one.request({ apiKey: undefined, topics: { [`job:${JOB}`]: `${JOB}:7` } });
  await settle();
  await opened[0]?.send(jobEvent(12));
  two.request({ apiKey: undefined, topics: { [`job:${JOB}`]: `${JOB}:10` } });
  await settle();
  expect(opened.map(({ topics }) => topics)).toEqual([[`job:${JOB}:7`], [`job:${JOB}:10`]]);
  expect(opened[0]?.signal.aborted).toBe(true);
});

it('resumes after the last event when the connection is lost, and reports the loss once', async () => {
  const { addTab, opened, settle, setFailure } = setUp();
  const tab = addTab();
  tab.request({ apiKey: undefined, topics: { [`job:${JOB}`]: `${JOB}:7` } });
  await settle();
  await opened[0]?.send(jobEvent(9, 'item'));
  setFailure(new Error('The gateway cannot be reached'));
  await opened[0]?.end();
  await vi.advanceTimersByTimeAsync(1_000);
  setFailure(undefined);
  await vi.advanceTimersByTimeAsync(5_000);
  expect(opened.at(-1)?.topics).toEqual([`job:${JOB}:9`]);
  expect(tab.received.filter(({ type }) => type === 'connection')).toEqual([
    { type: 'connection', isOpen: true },
    { type: 'connection', isOpen: false },
    { type: 'connection', isOpen: true },
  ]);
});

it('closes the connection when no tab needs it, or when all tabs that need it are silent', async () => {
  const { hub, addTab, opened, settle } = setUp();
  const tab = addTab();
  tab.request({ apiKey: undefined, topics: { health: null } });
  await settle();
  tab.request({ apiKey: undefined, topics: {} });
  await settle();
  expect(opened[0]?.signal.aborted).toBe(true);

  tab.request({ apiKey: undefined, topics: { health: null } });
  await vi.advanceTimersByTimeAsync(60_000);
  hub.removeSilentTabs(60_000);
  await settle();
  expect(opened[1]?.signal.aborted).toBe(false);
  await vi.advanceTimersByTimeAsync(1);
  hub.removeSilentTabs(60_000);
  await settle();
  expect(opened[1]?.signal.aborted).toBe(true);
});

it('serves a silent tab again when it continues, for example after the computer was suspended', async () => {
  const { hub, addTab, opened, settle } = setUp();
  const tab = addTab();
  const request = { apiKey: undefined, topics: { [`job:${JOB}`]: `${JOB}:7` } };
  tab.request(request);
  await settle();
  await vi.advanceTimersByTimeAsync(60_001);
  hub.removeSilentTabs(60_000);
  await settle();
  tab.request(request);
  await settle();
  expect(opened.map(({ topics, signal }) => [topics, signal.aborted])).toEqual([
    [[`job:${JOB}:7`], true],
    [[`job:${JOB}:7`], false],
  ]);
  expect(tab.replies()).toBe(2);
});

it('opens a connection for each API key, and connects again with another key after a rejection', async () => {
  const { addTab, opened, settle, setFailure } = setUp();
  const [one, two] = [addTab(), addTab()];
  one.request({ apiKey: 'ada', topics: { jobs: null } });
  await settle();
  setFailure(new UnauthenticatedError());
  two.request({ apiKey: 'wrong', topics: { jobs: null } });
  await settle();
  expect(two.received).toEqual([{ type: 'unauthenticated' }]);
  await opened[0]?.send({ event: 'jobs', data: '{}', id: undefined });
  expect(one.received).toHaveLength(2);
  expect(two.received).toHaveLength(1);

  setFailure(undefined);
  two.request({ apiKey: 'bob', topics: { jobs: null } });
  await settle();
  expect(opened.map(({ apiKey }) => apiKey)).toEqual(['ada', 'wrong', 'bob']);
});

it('requests a topic again after an error that a retry can fix, and drops it after any other', async () => {
  const { addTab, opened, settle } = setUp();
  const tab = addTab();
  tab.request({ apiKey: undefined, topics: { health: null, jobs: null } });
  await settle();
  const failed = (retryable: boolean) => ({ event: 'error', data: JSON.stringify({ topic: 'jobs', retryable }), id: undefined });
  await opened[0]?.send(failed(true));
  await vi.advanceTimersByTimeAsync(2_000);
  expect(opened[1]?.topics).toEqual(['health', 'jobs']);
  await opened[1]?.send(failed(false));
  await opened[1]?.end();
  await vi.advanceTimersByTimeAsync(250);
  expect(opened[2]?.topics).toEqual(['health']);
  expect(tab.received.filter(({ type }) => type === 'event')).toHaveLength(2);
});
