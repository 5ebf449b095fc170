import { AppError } from '@prodigon/contracts';
import { ITEM_INDEX_MAX, type JobEventPosition } from '@prodigon/ports';

/**
 * Where the events of a job go on: behind `Last-Event-ID` (`<job id>:<sequence>.<index>`, or without the index
 * behind the whole of that change), else behind `after`. Throws `VALIDATION_ERROR` for an id of another kind.
 */
export function eventPosition(
  jobId: string,
  lastEventId: string | string[] | undefined,
  after: number | undefined,
): JobEventPosition | undefined {
  if (lastEventId === undefined || lastEventId === '') return after === undefined ? undefined : behindAll(after);
  const [, id, sequence, index] = /^([0-9a-f-]{36}):(\d{1,15})(?:\.(\d{1,10}))?$/.exec(String(lastEventId)) ?? [];
  if (id !== jobId || sequence === undefined) {
    const details = [{ path: 'last-event-id', message: 'Is no event of this job.' }];
    throw new AppError('VALIDATION_ERROR', 'The Last-Event-ID is no event of this job.', { details });
  }
  return index === undefined
    ? behindAll(Number(sequence))
    : { sequence: Number(sequence), index: Math.min(Number(index), ITEM_INDEX_MAX) };
}

function behindAll(sequence: number): JobEventPosition {
  return { sequence, index: ITEM_INDEX_MAX };
}
