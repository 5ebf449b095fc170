import { ITEM_INDEX_MAX, type JobEventPosition } from '@prodigon/ports';

/** Returns the position after all items of a change. */
export function positionAfter(sequence: number): JobEventPosition {
  return { sequence, index: ITEM_INDEX_MAX };
}

/**
 * Parses the id of a job's event: `<job id>:<sequence>.<index>`, or without the index for the position after all items of
 * that sequence. Returns undefined for any other text.
 */
export function parseEventId(eventId: string): { jobId: string; position: JobEventPosition } | undefined {
  const [, id, sequence, index] = /^([0-9a-f-]{36}):(\d{1,15})(?:\.(\d{1,10}))?$/i.exec(eventId) ?? [];
  if (id === undefined || sequence === undefined) return undefined;
  const position =
    index === undefined
      ? positionAfter(Number(sequence))
      : { sequence: Number(sequence), index: Math.min(Number(index), ITEM_INDEX_MAX) };
  return { jobId: id.toLowerCase(), position };
}
