import type { JobEventPosition } from '@prodigon/ports';
import { parseEventId } from './event-id.ts';

export type EventTopic =
  | { readonly name: 'health' | 'jobs' | 'conversations' }
  | { readonly name: `job:${string}`; readonly jobId: string; readonly after: JobEventPosition | undefined };

/**
 * Parses a list of topics that `platformEventsQuerySchema` accepts, without duplicates. `Last-Event-ID` is the position of
 * the job it belongs to, for clients that reconnect with the same URL. Any other id has no effect.
 */
export function parseTopics(topics: string, lastEventId: string | undefined): EventTopic[] {
  const last = parseEventId(lastEventId ?? '');
  const byName = new Map<string, EventTopic>();
  for (const topic of topics.split(',')) {
    if (topic === 'health' || topic === 'jobs' || topic === 'conversations') {
      byName.set(topic, { name: topic });
      continue;
    }
    const [, jobId = ''] = topic.toLowerCase().split(':');
    const after = last?.jobId === jobId ? last.position : parseEventId(topic.slice('job:'.length))?.position;
    byName.set(jobId, { name: `job:${jobId}`, jobId, after });
  }
  return [...byName.values()];
}
