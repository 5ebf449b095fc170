import { setTimeout as wait } from 'node:timers/promises';
import { isTerminalJobStatus } from '@prodigon/contracts';
import { sseFrame } from '@prodigon/platform';
import { ITEM_INDEX_MAX, type JobEventPosition, type JobStore } from '@prodigon/ports';

export interface JobEventsOptions {
  store: JobStore;
  ownerId: string;
  jobId: string;
  /** Undefined for from now on. */
  after: JobEventPosition | undefined;
  signal: AbortSignal;
  pollEveryMs: number;
}

/**
 * A job's changes as they are committed, read from the rows themselves: whoever comes back with a position
 * goes on exactly there, whichever worker it meets. Ends after `end`, or when `signal` aborts.
 */
export async function* jobEvents(options: JobEventsOptions): AsyncGenerator<Uint8Array> {
  const { store, ownerId, jobId, signal, pollEveryMs } = options;
  const idOf = ({ sequence, index }: JobEventPosition) =>
    index === ITEM_INDEX_MAX ? `${jobId}:${sequence}` : `${jobId}:${sequence}.${index}`;
  let position = options.after;
  let lastTold = '';

  while (!signal.aborted) {
    const { job, running } = await store.snapshot(ownerId, jobId);
    position ??= { sequence: job.sequence, index: ITEM_INDEX_MAX };
    for (let hasMore = true; hasMore && !signal.aborted; ) {
      const read = await store.changes(ownerId, jobId, position);
      let frames = '';
      for (const { position: itsPosition, item } of read.changes) {
        const { prompt: _prompt, output: _output, ...rest } = item;
        position = itsPosition;
        frames += sseFrame('item', rest, idOf(position));
      }
      if (frames !== '') yield Buffer.from(frames);
      hasMore = read.hasMore;
    }
    const told = JSON.stringify({ job, running });
    if (told !== lastTold) {
      lastTold = told;
      yield Buffer.from(sseFrame('job', { job, running }, idOf(position)));
    }
    if (isTerminalJobStatus(job.status)) {
      yield Buffer.from(sseFrame('end', { status: job.status }, idOf(position)));
      return;
    }
    await wait(pollEveryMs, undefined, { signal }).catch(() => undefined);
  }
}
