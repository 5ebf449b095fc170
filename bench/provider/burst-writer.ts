import type { OpenStream } from './open-stream.ts';

/** Creates a writer that writes one event per stream in each turn of the event loop. */
export function createBurstWriter(): { add(stream: OpenStream): void } {
  let open: OpenStream[] = [];
  const turn = () => {
    // Streams that start during this turn join the next one.
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
