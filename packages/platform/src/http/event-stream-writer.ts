import type { OutgoingHttpHeaders } from 'node:http';
import type { FastifyReply } from 'fastify';
import { processTime } from './request-record.ts';

export interface EventStreamWriterOptions {
  /** How often a silent stream says that it lives, in milliseconds; 0 for never. */
  heartbeatMs?: number;
  /** How long a reader that takes nothing may hold a finished stream, in milliseconds. */
  lingerMs?: number;
}

const HEARTBEAT = Buffer.from(': keep-alive\n\n');

/** Writes one response as server-sent events, at the pace of its reader. */
export class EventStreamWriter {
  readonly #reply: FastifyReply;
  readonly #options: Required<EventStreamWriterOptions>;
  #heartbeat: NodeJS.Timeout | undefined;
  #isOpen = false;

  constructor(reply: FastifyReply, options: EventStreamWriterOptions = {}) {
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
    // A socket error is followed by `close`, which is where it is dealt with.
    raw.on('error', () => {});
    if (this.#options.heartbeatMs === 0) return;
    this.#heartbeat = setInterval(() => raw.write(HEARTBEAT), this.#options.heartbeatMs);
    raw.once('close', () => clearInterval(this.#heartbeat));
  }

  /** Resolves at once while the reader keeps up, else when it has caught up or left. */
  async write(bytes: Uint8Array | string): Promise<void> {
    const { raw } = this.#reply;
    if (this.#isOver) return;
    this.#heartbeat?.refresh();
    if (raw.write(bytes)) return;
    await new Promise<void>((resolve) => {
      const settle = () => {
        raw.off('drain', settle).off('close', settle);
        resolve();
      };
      raw.on('drain', settle).on('close', settle);
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
