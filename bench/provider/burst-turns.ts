import type { OpenStream } from './open-stream.ts';

/** Writes one event of each stream in a turn of the event loop. */
export function createBurstTurns(): { add(stream: OpenStream): void } {
  let open: OpenStream[] = [];
  const turn = () => {
    // What an ended answer makes its caller ask next is added for the next turn.
    const due = open;
    open = [];
    for (const stream of due) if (stream.writeNext()) open.push(stream);
    if (open.length > 0) setImmediate(turn);
  };
  return {
    add(stream) {
      open.push(stream);
      if (open.length === 1) setImmediate(turn);
    },
  };
}
