import type { JobEvent } from '@prodigon/contracts';
import type { ApiClient } from './api-client.ts';
import { type ReconnectOptions, reconnectEvents } from './reconnect-events.ts';

export interface WatchJobOptions extends ReconnectOptions {
  /** Sequence number after which events begin. Without it only new events arrive. */
  after?: number | undefined;
  /** Milliseconds without a byte after which the connection counts as lost. */
  idleTimeoutMs?: number | undefined;
}

/**
 * Yields the events of a job up to its `end`, each once, and reconnects as often as necessary. Throws errors that a retry
 * cannot fix, e.g. `JOB_NOT_FOUND` or `UNAUTHENTICATED`, and the reason of an aborted signal.
 */
export async function* watchJob(
  client: Pick<ApiClient, 'jobs'>,
  jobId: string,
  options: WatchJobOptions = {},
): AsyncGenerator<JobEvent> {
  const { signal, idleTimeoutMs } = options;
  let { after } = options;
  let lastEventId: string | undefined;
  const connect = (onOpen: () => void) => client.jobs.events(jobId, { after, lastEventId, signal, idleTimeoutMs, onOpen });
  for await (const event of reconnectEvents(connect, options)) {
    if (event.id) lastEventId = event.id;
    // Until an event has an id, reconnects resume after the first job event.
    else if (event.event === 'job') after ??= event.data.job.sequence;
    yield event;
  }
}
