import type { IncomingHttpHeaders } from 'node:http';
import type { Dispatcher } from 'undici';

export interface IncomingResponseOptions {
  signal: AbortSignal;
  /** Whether its connection may wait a little before it reads on, so that more comes at once. */
  pace: (isPaced: boolean) => void;
  /** Called once, when nothing more of it comes and its connection may be used again. */
  onOver: () => void;
}

/** What may wait for a reader before reading stops, in bytes. */
const UNREAD_BYTES_MAX = 64 << 10;
/** How long an answer that was read to its last word may take to end by itself, in milliseconds: its connection is worth that. */
const ENDING_WITHIN_MS = 1_000;

/** The answer to one call as it comes in, read by pulling: what nobody asks for stays with the kernel. */
export class IncomingResponse implements Dispatcher.DispatchHandler {
  status = 0;
  headers: IncomingHttpHeaders = {};
  /** Complete once it has ended. */
  trailers: IncomingHttpHeaders | undefined;
  /** Fulfils with why it ended early, or undefined, when nothing more of it comes. Never rejects. */
  readonly closed: Promise<unknown>;
  /** Resolves with this answer when its status and headers are there. */
  readonly head: Promise<IncomingResponse>;
  readonly #options: IncomingResponseOptions;
  readonly #resolveClosed: (reason: unknown) => void;
  readonly #resolveHead: (answer: IncomingResponse) => void;
  readonly #rejectHead: (reason: unknown) => void;
  #controller: Dispatcher.DispatchController | undefined;
  #chunks: Buffer[] = [];
  #unreadBytes = 0;
  #wake: (() => void) | undefined;
  #failure: { readonly reason: unknown } | undefined;
  #isOver = false;
  #isLeft = false;
  #endingTimer: NodeJS.Timeout | undefined;

  constructor(options: IncomingResponseOptions) {
    const { promise, resolve, reject } = Promise.withResolvers<IncomingResponse>();
    this.head = promise;
    const closing = Promise.withResolvers<unknown>();
    this.closed = closing.promise;
    this.#resolveClosed = closing.resolve;
    this.#resolveHead = resolve;
    this.#rejectHead = reject;
    this.#options = options;
    const { signal } = options;
    if (signal.aborted) this.#onAbort();
    else signal.addEventListener('abort', this.#onAbort, { once: true });
  }

  /** All of it. Rejects with `tooLarge()` when that is more. */
  async readAll(bytesMax: number, tooLarge: () => Error): Promise<Buffer> {
    const pieces: Buffer[] = [];
    let length = 0;
    for (let piece = await this.read(); piece !== null; piece = await this.read()) {
      length += piece.length;
      if (length > bytesMax) {
        const failure = tooLarge();
        this.cancel(failure);
        throw failure;
      }
      pieces.push(piece);
    }
    return pieces.length === 1 ? (pieces[0] as Buffer) : Buffer.concat(pieces);
  }

  /** What has come, at least one byte, or null at the end. Rejects when the connection breaks or the signal aborts. */
  async read(): Promise<Buffer | null> {
    while (this.#chunks.length === 0) {
      if (this.#failure) throw this.#failure.reason;
      if (this.#isOver) return null;
      const { promise, resolve } = Promise.withResolvers<void>();
      this.#wake = resolve;
      this.#controller?.resume();
      await promise;
    }
    const chunks = this.#chunks;
    this.#chunks = [];
    this.#unreadBytes = 0;
    return chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks);
  }

  /** Leaving the loop ends the call on the wire. */
  async *[Symbol.asyncIterator](): AsyncGenerator<Buffer> {
    try {
      for (let bytes = await this.read(); bytes !== null; bytes = await this.read()) yield bytes;
    } finally {
      this.cancel();
    }
  }

  /** From now on its reader would rather have several pieces at once, when the process is busy, than each at once. */
  startCoalescing(): void {
    if (!this.#isOver) this.#options.pace(true);
  }

  /** Nobody reads on. Ends the call on the wire, unless it ends by itself. */
  cancel(reason?: unknown): void {
    if (this.#endingTimer === undefined) this.#abort(reason);
  }

  /** Everything was said that matters: what is left of it should be its end. */
  finish(): void {
    if (this.#isOver || this.#isLeft) return;
    this.#endingTimer = setTimeout(() => this.#abort(), ENDING_WITHIN_MS);
    this.#controller?.resume();
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller;
    // Who left while the connection was being made has sent nothing.
    if (this.#isLeft) controller.abort(new Error('Left before it was sent'));
  }

  onResponseStart(controller: Dispatcher.DispatchController, status: number, headers: IncomingHttpHeaders): void {
    this.status = status;
    this.headers = headers;
    // Pieces of the buffer that they came in, which they would keep for as long as the answer lasts.
    controller.rawHeaders = null;
    this.#resolveHead(this);
  }

  onResponseData(controller: Dispatcher.DispatchController, chunk: Buffer): void {
    if (this.#isLeft || this.#endingTimer) return;
    this.#chunks.push(chunk);
    this.#unreadBytes += chunk.length;
    if (this.#wake) this.#awaken();
    else if (this.#unreadBytes > UNREAD_BYTES_MAX) controller.pause();
  }

  onResponseEnd(_controller: Dispatcher.DispatchController, trailers: IncomingHttpHeaders): void {
    this.trailers = trailers;
    this.#end();
  }

  onResponseError(_controller: Dispatcher.DispatchController, reason: Error): void {
    this.#failure ??= { reason };
    this.#rejectHead(reason);
    this.#end();
  }

  #abort(reason?: unknown): void {
    if (this.#isOver || this.#isLeft) return;
    this.#isLeft = true;
    this.#chunks = [];
    this.#controller?.abort(reason instanceof Error ? reason : new Error('Nobody reads on'));
  }

  #awaken(): void {
    const wake = this.#wake;
    this.#wake = undefined;
    wake?.();
  }

  #end(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    clearTimeout(this.#endingTimer);
    const { signal, onOver } = this.#options;
    signal.removeEventListener('abort', this.#onAbort);
    onOver();
    this.#resolveClosed(this.#failure?.reason);
    this.#awaken();
  }

  readonly #onAbort = (): void => {
    const { reason } = this.#options.signal;
    this.#failure = { reason };
    this.#rejectHead(reason);
    this.#abort(reason);
    this.#awaken();
  };
}
