import type { RawEvent } from '@prodigon/api-client/raw-events';
import type { HubMessage, HubRequest, TopicName } from './event-protocol.ts';

export interface Subscriber {
  onEvent: (event: RawEvent) => void;
  /** Called when events start to arrive and when the connection is lost. */
  onConnection?: (isOpen: boolean) => void;
}

export interface EventClientDependencies {
  /** Connects to the hub. Returns a function that sends a request to it. */
  connect: (onMessage: (message: HubMessage) => void) => (request: HubRequest) => void;
  apiKey: () => string | undefined;
  isHidden: () => boolean;
  onUnauthenticated: () => void;
}

/** Subscribes the parts of one tab to topics. A hidden tab releases its topics, and resumes them when it is visible again. */
export function createEventClient({ connect, apiKey, isHidden, onUnauthenticated }: EventClientDependencies) {
  const subscribers = new Map<TopicName, Set<Subscriber>>();
  const positions = new Map<TopicName, string>();
  let send: ((request: HubRequest) => void) | undefined;

  function receive(message: HubMessage): void {
    if (message.type === 'unauthenticated') onUnauthenticated();
    else if (message.type === 'connection') {
      for (const subscriber of [...subscribers.values()].flatMap((each) => [...each])) subscriber.onConnection?.(message.isOpen);
    } else if (message.type === 'event') {
      const { topic, event } = message;
      if (event.id !== undefined && subscribers.has(topic)) positions.set(topic, event.id);
      for (const subscriber of subscribers.get(topic) ?? []) subscriber.onEvent(event);
    }
  }

  function request(): void {
    if (!send && subscribers.size === 0) return;
    send ??= connect(receive);
    const names = isHidden() ? [] : [...subscribers.keys()];
    send({ apiKey: apiKey(), topics: Object.fromEntries(names.map((name) => [name, positions.get(name) ?? null])) });
  }

  return {
    /** Subscribes to a topic. The events of a job begin after the event id `position`. Returns a function that unsubscribes. */
    subscribe(topic: TopicName, subscriber: Subscriber, position?: string): () => void {
      const own = subscribers.get(topic) ?? new Set();
      subscribers.set(topic, own.add(subscriber));
      if (position !== undefined) positions.set(topic, position);
      request();
      return () => {
        own.delete(subscriber);
        if (own.size > 0 || subscribers.get(topic) !== own) return;
        subscribers.delete(topic);
        positions.delete(topic);
        request();
      };
    },
    /** Sends the current request again: after a change of the key or the visibility, and regularly. */
    refresh: request,
    /** Releases all topics, for example before the page is unloaded. */
    release: () => send?.({ apiKey: apiKey(), topics: {} }),
  };
}
