import type { Socket } from 'node:net';

/** The start of every informational response. */
const INFORMATIONAL = 'HTTP/1.1 1';
const HEAD_END = '\r\n\r\n';

/**
 * Removes informational responses, such as `100 Continue`, from the bytes that a socket reads. Some servers send them
 * although no request asked for them, and undici closes the connection for some. Returns a function to call before each
 * request.
 */
export function skipInformationalResponses(socket: Socket): () => void {
  const read = socket.read.bind(socket);
  let isResponsePending = false;
  /** The beginning of a head that has not arrived completely. */
  let held: Buffer | undefined;

  socket.read = (size?: number): Buffer | null => {
    const chunk: Buffer | null = read(size);
    if (!isResponsePending || chunk === null) return chunk;
    let bytes = held ? Buffer.concat([held, chunk]) : chunk;
    held = undefined;
    for (;;) {
      const start = bytes.toString('latin1', 0, INFORMATIONAL.length);
      if (start === INFORMATIONAL) {
        const end = bytes.indexOf(HEAD_END);
        if (end >= 0) {
          bytes = bytes.subarray(end + HEAD_END.length);
          continue;
        }
      } else if (!INFORMATIONAL.startsWith(start)) {
        isResponsePending = false;
        return bytes;
      }
      if (bytes.length > 0) held = bytes;
      return null;
    }
  };

  return () => {
    isResponsePending = true;
  };
}
