import { isTerminalJobStatus } from '@prodigon/contracts';
import { sseFrame } from '@prodigon/platform';
import { ITEM_INDEX_MAX, type JobEventPosition } from '@prodigon/ports';
import type { JobWatch } from './job-watches.ts';

export interface JobEventsOptions {
  watch: JobWatch;
  jobId: string;
  /** Position to resume after; undefined to start now. */
  after: JobEventPosition | undefined;
  signal: AbortSignal;
}

/**
 * Yields the changes of a job as server-sent events, in commit order. A client that reconnects with a position resumes
 * exactly there, on any worker, because the rows themselves store the positions. Ends after the `end` event, or when
 * `signal` aborts.
 */
export async function* jobEvents(options: JobEventsOptions): AsyncGenerator<Uint8Array> {
  const { watch, jobId, signal } = options;
  const idOf = ({ sequence, index }: JobEventPosition) =>
    index === ITEM_INDEX_MAX ? `${jobId}:${sequence}` : `${jobId}:${sequence}.${index}`;
  let position = options.after;
  let lastSent = '';

  while (!signal.aborted) {
    const { job, running } = await watch.snapshot();
    position ??= { sequence: job.sequence, index: ITEM_INDEX_MAX };
    for (let hasMore = true; hasMore && !signal.aborted; ) {
      const read = await watch.changes(position);
      let frames = '';
      for (const change of read.changes) {
        const { prompt: _prompt, output: _output, ...rest } = change.item;
        position = change.position;
        frames += sseFrame('item', rest, idOf(position));
      }
      if (frames !== '') yield Buffer.from(frames);
      hasMore = read.hasMore;
    }
    const state = JSON.stringify({ job, running });
    if (state !== lastSent) {
      lastSent = state;
      yield Buffer.from(sseFrame('job', { job, running }, idOf(position)));
    }
    if (isTerminalJobStatus(job.status)) {
      yield Buffer.from(sseFrame('end', { status: job.status }, idOf(position)));
      return;
    }
    await watch.changed(signal);
  }
}
