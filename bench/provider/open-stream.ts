import type { Socket } from 'node:net';

/** A streamed answer on its way. */
export interface OpenStream {
  /** Writes the next event by itself; false when that was the last one, or nobody listens any more. */
  writeNext(): boolean;
}

/** `onEnd` is called once, whichever end it is. Like a model, it waits for a reader who does not keep up: nothing is skipped, and little is kept. */
export function openStream(socket: Socket, events: readonly Buffer[], onEnd: () => void): OpenStream {
  let next = 0;
  const over = () => {
    onEnd();
    return false;
  };
  return {
    writeNext() {
      if (socket.destroyed) return over();
      if (socket.writableNeedDrain) return true;
      const event = events[next];
      if (event) socket.write(event);
      next += 1;
      return next < events.length || over();
    },
  };
}
