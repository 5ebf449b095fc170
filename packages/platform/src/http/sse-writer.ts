import type { OutgoingHttpHeaders } from 'node:http';
import type { Socket } from 'node:net';
import type { AppError } from '@prodigon/contracts';
import type { FastifyReply } from 'fastify';
import { processTime, recordFailure } from './request-log.ts';

export interface SseWriterOptions {
  /** Milliseconds of silence between two keep-alive comments; 0 sends none. */
  readonly heartbeatMs?: number | undefined;
  /** Milliseconds without progress after which a client that stops reading loses the rest of a finished stream. */
  readonly lingerMs?: number | undefined;
}

/** The last frame and the trailers of a stream. */
export interface SseEnd {
  readonly frame?: Uint8Array | string | undefined;
  readonly trailers?: Record<string, string> | undefined;
}

/** Writes one response as server-sent events, at the client's pace. */
export interface SseWriter {
  /** Whether the headers have been sent. Later errors can only be reported inside the stream. */
  readonly isOpen: boolean;
  /** Sends the status of the reply and the headers, and takes the response over from Fastify. Does nothing when the stream is open. */
  open(headers?: OutgoingHttpHeaders): void;
  /** Returns undefined while the client keeps up; otherwise a promise that resolves when it has caught up or disconnected. */
  write(bytes: Uint8Array | string): Promise<void> | undefined;
  /** Writes everything that `source` yields. Rejects with the error that `source` throws. */
  pipe(source: AsyncIterable<Uint8Array | string>): Promise<void>;
  end(last?: SseEnd): void;
}

export interface StreamSseOptions extends SseWriterOptions {
  /** Milliseconds after which the headers are sent even if nothing has been written. By default they wait for `open()`. */
  readonly openAfterMs?: number | undefined;
  /** Returns the last frame of a stream that fails after its headers. Without it the connection is closed. */
  readonly errorFrame?: ((failure: AppError) => string) | undefined;
}

/**
 * The `lingerMs` of streams between services, where HTTP/2 shows progress only for every half of a window. The gateway ends
 * the connection itself when its client disconnects.
 */
export const INTERNAL_LINGER_MS = 600_000;

const HEARTBEAT = Buffer.from(': keep-alive\n\n');

/**
 * Responds to a request with server-sent events. `produce` opens the stream, writes to it, and returns its last frame and
 * trailers.
 *
 * Rejects with an error that occurs before the headers, which becomes an ordinary HTTP error. Logs a later error and ends
 * the stream with `errorFrame`. Without `errorFrame`, closes the connection, so that clients detect the truncation.
 */
export async function streamSse(
  reply: FastifyReply,
  { openAfterMs, errorFrame, ...options }: StreamSseOptions,
  // biome-ignore lint/suspicious/noConfusingVoidType: a stream without a last frame and trailers returns nothing
  produce: (sse: SseWriter) => Promise<SseEnd | void>,
): Promise<FastifyReply> {
  const sse = createSseWriter(reply, options);
  const opening = openAfterMs === undefined ? undefined : setTimeout(() => sse.open(), openAfterMs);
  try {
    sse.end((await produce(sse)) ?? {});
  } catch (thrown) {
    if (!sse.isOpen) throw thrown;
    const failure = recordFailure(reply.request, thrown);
    if (errorFrame) sse.end({ frame: errorFrame(failure) });
    else reply.raw.destroy(new Error('The stream failed'));
  } finally {
    clearTimeout(opening);
  }
  return reply;
}

export interface PipeToSseOptions extends SseWriterOptions {
  readonly headers?: OutgoingHttpHeaders;
  readonly trailers?: SseEnd['trailers'];
}

/** Responds to a request with the bytes of `source`. Closes the connection when the source fails. */
export function pipeToSse(
  reply: FastifyReply,
  source: AsyncIterable<Uint8Array | string>,
  { headers, trailers, ...options }: PipeToSseOptions = {},
): Promise<FastifyReply> {
  return streamSse(reply, options, async (sse) => {
    const isAnnounced = trailers && reply.request.raw.httpVersionMajor === 1;
    sse.open({ ...headers, ...(isAnnounced && { trailer: Object.keys(trailers).join() }) });
    await sse.pipe(source);
    return { trailers };
  });
}

export function createSseWriter(
  reply: FastifyReply,
  { heartbeatMs = 15_000, lingerMs = 30_000 }: SseWriterOptions = {},
): SseWriter {
  const { raw, request } = reply;
  let isOpen = false;
  let heartbeat: NodeJS.Timeout | undefined;
  /** The socket that receives encoded chunks; undefined when the protocol frames the chunks itself. */
  let socket: Socket | undefined;

  /** Reads the request's state, because an HTTP/2 response does not report that it is destroyed. */
  const isClosed = () => request.isClosed || raw.writableEnded;

  /** Returns whether the client keeps up. A direct write to the socket saves separate writes of size, content and line end. */
  function put(bytes: Uint8Array | string): boolean {
    if (bytes.length === 0) return true;
    if (!socket) return raw.write(bytes);
    return typeof bytes === 'string' ? writeText(socket, bytes) : socket.write(encodeChunk(bytes));
  }

  function drained(): Promise<void> {
    const writable = socket ?? raw;
    return new Promise((resolve) => {
      const finish = () => {
        writable.off('drain', finish);
        raw.off('close', finish);
        resolve();
      };
      writable.on('drain', finish);
      raw.on('close', finish);
    });
  }

  function write(bytes: Uint8Array | string): Promise<void> | undefined {
    if (isClosed()) return undefined;
    heartbeat?.refresh();
    return put(bytes) ? undefined : drained();
  }

  return {
    get isOpen() {
      return isOpen;
    },
    open(headers) {
      if (isOpen) return;
      isOpen = true;
      reply.hijack();
      if (isClosed()) return;
      raw.writeHead(reply.statusCode, {
        ...(reply.getHeaders() as OutgoingHttpHeaders),
        'content-type': 'text/event-stream; charset=utf-8',
        'cache-control': 'no-cache, no-transform, no-store',
        'x-accel-buffering': 'no',
        'x-content-type-options': 'nosniff',
        'x-process-time': processTime(request),
        ...headers,
      });
      raw.flushHeaders?.();
      if (raw.chunkedEncoding && raw.socket) socket = raw.socket;
      // A socket error is always followed by `close`, which ends the stream.
      raw.on('error', () => {});
      if (heartbeatMs === 0) return;
      heartbeat = setInterval(() => put(HEARTBEAT), heartbeatMs);
      raw.once('close', () => clearInterval(heartbeat));
    },
    write,
    async pipe(source) {
      for await (const bytes of source) {
        // Awaiting undefined would cost a turn of the event loop for each token.
        const caughtUp = write(bytes);
        if (caughtUp) await caughtUp;
      }
    },
    end({ frame, trailers } = {}) {
      clearInterval(heartbeat);
      if (isClosed()) return;
      if (trailers) raw.addTrailers(trailers);
      raw.end(frame);
      // Node counts every write of the connection that progresses, so a slow client that keeps reading gets everything.
      raw.setTimeout(lingerMs, () => raw.destroy());
    },
  };
}

/** Writes one chunk of a chunked HTTP/1.1 body. Node writes characters of one byte faster than any others. */
function writeText(socket: Socket, text: string): boolean {
  const bytes = Buffer.byteLength(text);
  return socket.write(`${bytes.toString(16)}\r\n${text}\r\n`, bytes === text.length ? 'latin1' : 'utf8');
}

/** Encodes one chunk of a chunked HTTP/1.1 body (RFC 9112, section 7.1). */
function encodeChunk(bytes: Uint8Array): Uint8Array {
  const head = `${bytes.length.toString(16)}\r\n`;
  const chunk = Buffer.allocUnsafe(head.length + bytes.length + 2);
  chunk.write(head, 0, 'latin1');
  chunk.set(bytes, head.length);
  chunk.write('\r\n', head.length + bytes.length, 'latin1');
  return chunk;
}
