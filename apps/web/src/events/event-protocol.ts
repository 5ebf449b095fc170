import type { RawEvent } from '@prodigon/api-client/raw-events';

export type TopicName = 'health' | 'jobs' | 'conversations' | `job:${string}`;

/** What a tab needs now. Replaces its previous request; without topics the tab needs nothing. */
export interface HubRequest {
  apiKey: string | undefined;
  /** The topics with the positions after which they resume, if any: `{ 'job:<job id>': '<job id>:<sequence>' }`. */
  topics: Readonly<Partial<Record<TopicName, string | null>>>;
}

export type HubMessage =
  /** The reply to each request, by which a tab notices that the hub still runs. */
  | { type: 'received' }
  | { type: 'event'; topic: TopicName; event: RawEvent }
  /** Sent when events start to arrive and when the connection is lost, not for each attempt. */
  | { type: 'connection'; isOpen: boolean }
  /** The gateway requires an API key, or rejects this one. */
  | { type: 'unauthenticated' };

/** Returns the topic of an event; undefined if it is unknown. */
export function topicOf({ event, data, id }: RawEvent): TopicName | undefined {
  if (event === 'health' || event === 'jobs' || event === 'conversations') return event;
  if (event === 'error') return (JSON.parse(data) as { topic: TopicName }).topic;
  return id === undefined ? undefined : `job:${id.slice(0, 36)}`;
}
