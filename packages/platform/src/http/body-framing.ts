import type { IncomingHttpHeaders } from 'node:http';
import type { Readable } from 'node:stream';
import { AppError } from '@prodigon/contracts';

/** A frame starts with the number of its bytes, as 32 bits in network byte order. */
const LENGTH_BYTES = 4;

/**
 * Yields a streamed body in frames, and then its end mark. HTTP alone does not suffice: a cancelled HTTP/2 request ends its
 * readable side as if it were complete, so that a part of a file would become a job.
 */
export async function* frameBody(body: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  for await (const chunk of body) {
    if (chunk.length > 0) yield encodeFrame(chunk);
  }
  yield encodeFrame(Buffer.alloc(0));
}

/** Returns one frame. A frame without bytes is the end mark. */
export function encodeFrame(bytes: Uint8Array): Buffer {
  const frame = Buffer.allocUnsafe(LENGTH_BYTES + bytes.length);
  frame.writeUInt32BE(bytes.length);
  frame.set(bytes, LENGTH_BYTES);
  return frame;
}

/** Yields the bytes of a framed request body as they arrive. Throws `BAD_REQUEST` when it ends without its end mark. */
export async function* readFramedBody(body: Readable): AsyncGenerator<Uint8Array> {
  let rest: Uint8Array = Buffer.alloc(0);
  /** The bytes of the current frame that have not arrived. */
  let missing = 0;
  let isComplete = false;
  for await (const chunk of readRequestBody(body)) {
    let bytes = Buffer.concat([rest, chunk]);
    while (bytes.length > 0) {
      if (isComplete) throw new AppError('BAD_REQUEST');
      if (missing > 0) {
        const part = bytes.subarray(0, missing);
        missing -= part.length;
        bytes = bytes.subarray(part.length);
        yield part;
      } else if (bytes.length < LENGTH_BYTES) break;
      else {
        missing = bytes.readUInt32BE();
        isComplete = missing === 0;
        bytes = bytes.subarray(LENGTH_BYTES);
      }
    }
    rest = bytes;
  }
  if (!isComplete) throw new AppError('BAD_REQUEST', INCOMPLETE);
}

const INCOMPLETE = 'The request ended before it was complete.';

/**
 * Yields a request body as it arrives. Throws `CANCELLED` when the client disconnects before its end. Does not destroy the
 * body when the reader stops early, so that the response can still be sent.
 */
export async function* readRequestBody(body: Readable): AsyncGenerator<Uint8Array> {
  try {
    yield* body.iterator({ destroyOnReturn: false }) as AsyncIterable<Uint8Array>;
  } catch (cause) {
    throw new AppError('CANCELLED', INCOMPLETE, { cause });
  }
}

/** Returns whether the headers of an HTTP/1.1 request announce a body. One that is sent in chunks may still be empty. */
export function announcesBody({ 'content-length': length, 'transfer-encoding': encoding }: IncomingHttpHeaders): boolean {
  return encoding !== undefined || (length !== undefined && length !== '0');
}

/** Discards the rest of a body, also when another reader has stopped in the middle of it. */
export function discardBody(body: Readable): void {
  // A stream with a `readable` listener does not flow.
  body.removeAllListeners('readable').on('data', () => {});
}
