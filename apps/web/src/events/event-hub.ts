import type { RawEvent } from '@prodigon/api-client/raw-events';
import { type HubMessage, type HubRequest, type TopicName, topicOf } from './event-protocol.ts';

export interface EventHubDependencies {
  /** Opens a connection for these topics, with their positions. The hub retries after every error except `UnauthenticatedError`. */
  open: (topics: readonly string[], apiKey: string | undefined, signal: AbortSignal) => Promise<AsyncIterable<RawEvent>>;
  random?: () => number;
}

export class UnauthenticatedError extends Error {}

interface Topic {
  /** The id of the last event, or the position that the first tab requested. */
  position: string | null;
  /** The latest event with a complete state, for tabs that join. */
  state?: RawEvent;
}

interface Tab {
  request: HubRequest;
  seenAt: number;
  post: (message: HubMessage) => void;
}

/** Combines the two changes of a navigation: the previous page releases its topics, and the next page requests others. */
const CHANGE_DELAY_MS = 20;
const RETRY_MS = { first: 250, max: 5_000 };
/** Delay before a topic that failed is requested again. */
const TOPIC_RETRY_MS = 2_000;

/** Shares one connection among all tabs with the same API key. It exists only while a tab requests topics. */
export function createEventHub({ open, random = Math.random }: EventHubDependencies) {
  const tabs = new Set<Tab>();
  const connections = new Map<string | undefined, Connection>();

  interface Connection {
    request(name: TopicName, position: string | null, tab: Tab): void;
    update(): void;
  }

  function createConnection(apiKey: string | undefined): Connection {
    const topics = new Map<TopicName, Topic>();
    let controller = new AbortController();
    let timer: ReturnType<typeof setTimeout> | undefined;
    let isOpen: boolean | undefined;

    const tabsOf = (name?: TopicName) =>
      [...tabs].filter(({ request }) => request.apiKey === apiKey && (name === undefined || name in request.topics));
    const broadcast = (message: HubMessage, name?: TopicName) => {
      for (const tab of tabsOf(name)) tab.post(message);
    };

    function setOpen(value: boolean): void {
      if (isOpen === value) return;
      isOpen = value;
      broadcast({ type: 'connection', isOpen });
    }

    function reconnect(delayMs: number): void {
      clearTimeout(timer);
      timer = setTimeout(() => {
        timer = undefined;
        controller.abort();
        controller = new AbortController();
        if (topics.size > 0) void run(controller.signal);
      }, delayMs);
    }

    async function run(signal: AbortSignal): Promise<void> {
      for (let failures = 0; ; failures += 1) {
        try {
          const events = await open(
            [...topics].map(([name, { position }]) => (position === null ? name : `job:${position}`)),
            apiKey,
            signal,
          );
          if (signal.aborted) return;
          setOpen(true);
          for await (const event of events) {
            if (signal.aborted) return;
            failures = 0;
            receive(event);
          }
        } catch (thrown) {
          if (!signal.aborted && thrown instanceof UnauthenticatedError) {
            broadcast({ type: 'unauthenticated' });
            topics.clear();
          }
        }
        if (signal.aborted) return;
        if (topics.size === 0) {
          isOpen = undefined;
          return;
        }
        setOpen(false);
        const delayMs = Math.min(RETRY_MS.max, RETRY_MS.first * 2 ** failures) * (0.5 + random() / 2);
        await new Promise((resolve) => setTimeout(resolve, delayMs));
        if (signal.aborted) return;
      }
    }

    function receive(event: RawEvent): void {
      const name = topicOf(event);
      const topic = name && topics.get(name);
      if (!name || !topic) return;
      if (event.id !== undefined) topic.position = event.id;
      if (event.event === 'job' || event.event === 'health') topic.state = event;
      broadcast({ type: 'event', topic: name, event }, name);
      if (event.event === 'error' && (JSON.parse(event.data) as { retryable: boolean }).retryable) reconnect(TOPIC_RETRY_MS);
      else if (event.event === 'error' || event.event === 'end') topics.delete(name);
    }

    return {
      request(name, position, tab) {
        const topic = topics.get(name);
        if (isOpen !== undefined) tab.post({ type: 'connection', isOpen });
        if (topic && !isBefore(position, topic.position)) {
          if (topic.state) tab.post({ type: 'event', topic: name, event: topic.state });
          return;
        }
        // Other tabs receive some events again. Each event contains a state, so a repetition changes nothing.
        topics.set(name, { ...topic, position });
        reconnect(CHANGE_DELAY_MS);
      },
      update() {
        const unused = [...topics.keys()].filter((name) => tabsOf(name).length === 0);
        if (unused.length === 0) return;
        for (const name of unused) topics.delete(name);
        if (topics.size === 0) isOpen = undefined;
        reconnect(CHANGE_DELAY_MS);
      },
    };
  }

  function connectionOf(apiKey: string | undefined): Connection {
    const connection = connections.get(apiKey) ?? createConnection(apiKey);
    connections.set(apiKey, connection);
    return connection;
  }

  return {
    /** Adds a tab. Returns the function with which the tab requests topics. */
    addTab(post: Tab['post']): (request: HubRequest) => void {
      const tab: Tab = { request: { apiKey: undefined, topics: {} }, seenAt: 0, post };
      return (request) => {
        const before = tab.request;
        tab.request = request;
        tab.seenAt = Date.now();
        tabs.add(tab);
        post({ type: 'received' });
        const isSameKey = request.apiKey === before.apiKey;
        connectionOf(before.apiKey).update();
        for (const [name, position] of Object.entries(request.topics) as [TopicName, string | null][]) {
          if (!isSameKey || !(name in before.topics)) connectionOf(request.apiKey).request(name, position, tab);
        }
      };
    },
    /**
     * Removes tabs that have not repeated their request for `silentMs`, because they crashed, were closed, or slept with
     * the computer. The next request of a tab that was only asleep counts as its first one.
     */
    removeSilentTabs(silentMs: number): void {
      for (const tab of tabs) {
        if (Date.now() - tab.seenAt <= silentMs) continue;
        tab.request = { ...tab.request, topics: {} };
        tabs.delete(tab);
      }
      for (const connection of connections.values()) connection.update();
    },
  };
}

/** Whether a tab requests events before the position of the connection. */
function isBefore(position: string | null, current: string | null): boolean {
  return position !== null && current !== null && sequenceOf(position) < sequenceOf(current);
}

function sequenceOf(position: string): number {
  return Number.parseInt(position.slice(37), 10);
}
