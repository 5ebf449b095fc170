import type { OutgoingHttpHeaders } from 'node:http';
import type { Socket } from 'node:net';
import type { AppError } from '@prodigon/contracts';
import type { FastifyReply } from 'fastify';
import { processTime, recordFailure } from './request-log.ts';

export interface SseWriterOptions {
  /** Milliseconds of silence between two keep-alive comments; 0 sends none. */
  readonly heartbeatMs?: number | undefined;
  /** Milliseconds that a client which stops reading may hold a finished stream open. */
  readonly lingerMs?: number | undefined;
}

/** What follows the last event of a stream. */
export interface SseEnd {
  readonly frame?: Uint8Array | string | undefined;
  readonly trailers?: Record<string, string> | undefined;
}

/** Writes one response as server-sent events, at the client's pace. */
export interface SseWriter {
  /** Whether the status and headers are out, so that a failure can only be reported inside the stream. */
  readonly isOpen: boolean;
  /** Sends status 200 and the headers, and takes the response over from Fastify. Does nothing when the stream is open. */
  open(headers?: OutgoingHttpHeaders): void;
  /** Returns undefined while the client keeps up; otherwise a promise that resolves when it has caught up or disconnected. */
  write(bytes: Uint8Array | string): Promise<void> | undefined;
  /** Writes everything that `source` yields. Rejects with the error that `source` throws. */
  pipe(source: AsyncIterable<Uint8Array | string>): Promise<void>;
  end(last?: SseEnd): void;
}

export interface StreamSseOptions extends SseWriterOptions {
  /** Milliseconds after which the headers go out even if nothing has been written; without it they wait for `open()`. */
  readonly openAfterMs?: number | undefined;
  /** Returns the last frame of a stream that fails after its headers. Without it the connection is cut. */
  readonly errorFrame?: ((failure: AppError) => string) | undefined;
}

const HEARTBEAT = Buffer.from(': keep-alive\n\n');

/**
 * Answers a request with server-sent events. `produce` opens the stream and writes to it, and returns what ends it.
 *
 * A failure before the headers are out is thrown, and becomes an ordinary HTTP error. A later failure is logged, and
 * ends the stream with `errorFrame`, or cuts the connection so that no client mistakes a part for the whole.
 */
export async function streamSse(
  reply: FastifyReply,
  { openAfterMs, errorFrame, ...options }: StreamSseOptions,
  // biome-ignore lint/suspicious/noConfusingVoidType: a stream without anything behind its last event returns nothing
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

/** Answers a request with the bytes of `source`. A source that fails cuts the connection. */
export function pipeToSse(
  reply: FastifyReply,
  source: AsyncIterable<Uint8Array | string>,
  { headers, ...options }: SseWriterOptions & { readonly headers?: OutgoingHttpHeaders } = {},
): Promise<FastifyReply> {
  return streamSse(reply, options, (sse) => {
    sse.open(headers);
    return sse.pipe(source);
  });
}

export function createSseWriter(
  reply: FastifyReply,
  { heartbeatMs = 15_000, lingerMs = 5_000 }: SseWriterOptions = {},
): SseWriter {
  const { raw, request } = reply;
  let isOpen = false;
  let heartbeat: NodeJS.Timeout | undefined;
  /** The socket that takes each chunk in one piece; undefined where the protocol frames the chunks itself. */
  let socket: Socket | undefined;

  /** Reads the request's state, because an HTTP/2 response does not report that it is destroyed. */
  const isClosed = () => request.isClosed || raw.writableEnded;

  /** Returns whether the client keeps up. Writing past the response saves its separate writes of size, content and line end. */
  function put(bytes: Uint8Array | string): boolean {
    if (bytes.length === 0) return true;
    return socket ? socket.write(encodeChunk(bytes)) : raw.write(bytes);
  }

  function drained(): Promise<void> {
    const writable = socket ?? raw;
    return new Promise((resolve) => {
      const settle = () => {
        writable.off('drain', settle);
        raw.off('close', settle);
        resolve();
      };
      writable.on('drain', settle);
      raw.on('close', settle);
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
      raw.writeHead(200, {
        ...(reply.getHeaders() as OutgoingHttpHeaders),
        'content-type': 'text/event-stream; charset=utf-8',
        'cache-control': 'no-cache, no-transform',
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
      const linger = setTimeout(() => raw.destroy(), lingerMs);
      raw.once('close', () => clearTimeout(linger));
    },
  };
}

/** Encodes one chunk of a chunked HTTP/1.1 body (RFC 9112, section 7.1). */
function encodeChunk(bytes: Uint8Array | string): Uint8Array | string {
  if (typeof bytes === 'string') return `${Buffer.byteLength(bytes).toString(16)}\r\n${bytes}\r\n`;
  const head = `${bytes.length.toString(16)}\r\n`;
  const chunk = Buffer.allocUnsafe(head.length + bytes.length + 2);
  chunk.write(head, 0, 'latin1');
  chunk.set(bytes, head.length);
  chunk.write('\r\n', head.length + bytes.length, 'latin1');
  return chunk;
}
