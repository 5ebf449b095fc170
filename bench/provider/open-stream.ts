import type { Socket } from 'node:net';

/** A streamed response in progress. */
export interface OpenStream {
  /** Writes the next event. Returns false after the last one, or when the client has disconnected. */
  writeNext(): boolean;
}

/** Opens a stream that waits while the client does not read. Calls `onEnd` once, after the last event or a disconnect. */
export function openStream(socket: Socket, events: readonly Buffer[], onEnd: () => void): OpenStream {
  let next = 0;
  const end = () => {
    onEnd();
    return false;
  };
  return {
    writeNext() {
      if (socket.destroyed) return end();
      if (socket.writableNeedDrain) return true;
      const event = events[next];
      if (event) socket.write(event);
      next += 1;
      return next < events.length || end();
    },
  };
}
