import { closeSync, fstatSync, fsyncSync, openSync, readFileSync, readSync, statSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { type ProgressEvent, progressEventSchema } from './progress-event.ts';

/** The events of the learner, in a file that only grows. */
export interface ProgressStore {
  /** Returns all events, oldest first. */
  events(): readonly ProgressEvent[];
  /** Appends an event. It is on the disk when this returns. */
  append(event: ProgressEvent): void;
}

const NEWLINE = 0x0a;

/**
 * Creates the store of `progress.jsonl` in `directory`. It skips lines that are not events, such as a last line that was cut
 * when the machine lost power.
 */
export function createProgressStore({ directory }: { directory: string }): ProgressStore {
  const path = join(directory, 'progress.jsonl');
  let cache: { readonly stamp: string; readonly events: readonly ProgressEvent[] } = { stamp: '', events: [] };

  return {
    events() {
      const stamp = readStamp(path);
      if (stamp !== cache.stamp) cache = { stamp, events: stamp === '' ? [] : parseEvents(readFileSync(path, 'utf8')) };
      return cache.events;
    },
    append(event) {
      const file = openSync(path, 'a+', 0o644);
      try {
        writeSync(file, `${endsInLine(file) ? '\n' : ''}${JSON.stringify(event)}\n`);
        fsyncSync(file);
      } finally {
        closeSync(file);
      }
    },
  };
}

function readStamp(path: string): string {
  const stats = statSync(path, { throwIfNoEntry: false });
  return stats ? `${stats.size} ${stats.mtimeMs}` : '';
}

/** Returns whether the file ends within a line. */
function endsInLine(file: number): boolean {
  const { size } = fstatSync(file);
  if (size === 0) return false;
  const last = Buffer.alloc(1);
  readSync(file, last, 0, 1, size - 1);
  return last[0] !== NEWLINE;
}

function parseEvents(text: string): ProgressEvent[] {
  return text.split('\n').flatMap((line) => {
    try {
      return [progressEventSchema.parse(JSON.parse(line))];
    } catch {
      return [];
    }
  });
}
