import type { OutgoingHttpHeaders } from 'node:http';
import type { Socket } from 'node:net';
import type { FastifyReply } from 'fastify';
import { processTime } from './request-log.ts';

export interface SseWriterOptions {
  /** How often a silent stream says that it lives, in milliseconds; 0 for never. */
  heartbeatMs?: number;
  /** How long a reader that takes nothing may hold a finished stream, in milliseconds. */
  lingerMs?: number;
}

const HEARTBEAT = Buffer.from(': keep-alive\n\n');

/** Writes one response as server-sent events, at the pace of its reader. */
export class SseWriter {
  readonly #reply: FastifyReply;
  readonly #options: Required<SseWriterOptions>;
  #heartbeat: NodeJS.Timeout | undefined;
  #isOpen = false;
  /** Where each write can go in one piece; undefined where the protocol has a framing of its own. */
  #socket: Socket | undefined;

  constructor(reply: FastifyReply, options: SseWriterOptions = {}) {
    this.#reply = reply;
    this.#options = { heartbeatMs: 15_000, lingerMs: 5_000, ...options };
  }

  /** Whether the status and headers are out, so that a failure can only be told in the stream. */
  get isOpen(): boolean {
    return this.#isOpen;
  }

  /** Nothing more can be sent. Asked of the request, because a response over HTTP/2 does not say that it is destroyed. */
  get #isOver(): boolean {
    return this.#reply.request.isClosed || this.#reply.raw.writableEnded;
  }

  /** Sends status 200 and the headers. From here on the response is ours, not Fastify's. */
  open(headers: OutgoingHttpHeaders = {}): void {
    const { raw, request } = this.#reply;
    this.#isOpen = true;
    this.#reply.hijack();
    if (this.#isOver) return;
    raw.writeHead(200, {
      ...(this.#reply.getHeaders() as OutgoingHttpHeaders),
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-cache, no-transform',
      'x-accel-buffering': 'no',
      'x-content-type-options': 'nosniff',
      'x-process-time': processTime(request),
      ...headers,
    });
    raw.flushHeaders?.();
    if (raw.chunkedEncoding && raw.socket) this.#socket = raw.socket;
    // A socket error is followed by `close`, which is where it is dealt with.
    raw.on('error', () => {});
    if (this.#options.heartbeatMs === 0) return;
    this.#heartbeat = setInterval(() => this.#put(HEARTBEAT), this.#options.heartbeatMs);
    raw.once('close', () => clearInterval(this.#heartbeat));
  }

  /** Undefined while the reader keeps up, else resolves when it has caught up or left. */
  write(bytes: Uint8Array | string): Promise<void> | undefined {
    if (this.#isOver) return undefined;
    this.#heartbeat?.refresh();
    return this.#put(bytes) ? undefined : this.#drained();
  }

  /** A response would hand size, content and line end to the system one by one, which costs an eighth more. */
  #put(bytes: Uint8Array | string): boolean {
    if (bytes.length === 0) return true;
    return this.#socket ? this.#socket.write(chunkOf(bytes)) : this.#reply.raw.write(bytes);
  }

  #drained(): Promise<void> {
    const { raw } = this.#reply;
    const writable = this.#socket ?? raw;
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

  /** Ends the response, with a last frame and trailers where there are any. */
  end(frame?: Uint8Array | string, trailers?: Record<string, string>): void {
    const { raw } = this.#reply;
    clearInterval(this.#heartbeat);
    if (this.#isOver) return;
    if (trailers) raw.addTrailers(trailers);
    raw.end(frame);
    const linger = setTimeout(() => raw.destroy(), this.#options.lingerMs);
    raw.once('close', () => clearTimeout(linger));
  }
}

/** As HTTP/1.1 frames a piece of a body whose length is not known (RFC 9112, section 7.1). */
function chunkOf(bytes: Uint8Array | string): Uint8Array | string {
  if (typeof bytes === 'string') return `${Buffer.byteLength(bytes).toString(16)}\r\n${bytes}\r\n`;
  const head = `${bytes.length.toString(16)}\r\n`;
  const chunk = Buffer.allocUnsafe(head.length + bytes.length + 2);
  chunk.write(head, 0, 'latin1');
  chunk.set(bytes, head.length);
  chunk.write('\r\n', head.length + bytes.length, 'latin1');
  return chunk;
}
