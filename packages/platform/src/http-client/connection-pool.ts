import type { IncomingHttpHeaders } from 'node:http';
import type { Readable } from 'node:stream';
import { buildConnector, Client, type Dispatcher } from 'undici';
import { skipInformationalResponses } from './informational-responses.ts';
import { createProxyConnector } from './proxy-connector.ts';
import { type CoalescingSocket, createCoalescingConnector, type ReadCoalescer } from './read-coalescing.ts';

export interface ConnectionPoolOptions {
  /** E.g. `https://api.openai.com`. */
  readonly origin: string;
  readonly connectTimeoutMs: number;
  /** The proxy that the connections go through, if any. They cannot coalesce reads then. */
  readonly proxyUrl?: string | undefined;
  /** Coalesces the reads of a response after `startCoalescing()`. */
  readonly readCoalescer?: ReadCoalescer | undefined;
  /** Closes a connection after this many requests. */
  readonly requestsPerConnectionMax?: number | undefined;
}

export interface PooledRequest {
  readonly method: 'GET' | 'POST' | 'DELETE';
  readonly path: string;
  readonly headers: Record<string, string>;
  readonly body: string | Uint8Array | Readable | null;
  /** Aborting it cancels the request on the wire. Pending reads reject with its reason. */
  readonly signal: AbortSignal;
}

export interface ConnectionPool {
  /** Resolves when the response headers have arrived. Rejects with the connection's error or the signal's reason. */
  send(request: PooledRequest): Promise<IncomingResponse>;
  /** Closes all connections and fails their requests with `reason`. Later requests open new connections. */
  reset(reason: Error): Promise<void>;
  close(): Promise<void>;
}

/** A response that its reader pulls. Unread bytes stay in the kernel, so that backpressure reaches the sender. */
export interface IncomingResponse extends AsyncIterable<Buffer> {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  /** Undefined until the body has ended. */
  readonly trailers: IncomingHttpHeaders | undefined;
  /** Resolves when the response ends: with undefined, or with the reason for ending early. Never rejects. */
  readonly closed: Promise<unknown>;
  /** Returns the bytes that have arrived, at least one, or null at the end. Rejects when the connection fails or the signal aborts. */
  read(): Promise<Buffer | null>;
  /** Returns the whole body. Rejects with `tooLarge()` when it exceeds `bytesMax`. */
  readAll(bytesMax: number, tooLarge: () => Error): Promise<Buffer>;
  /** Lets a busy process deliver several chunks in one read. */
  startCoalescing(): void;
  /** Cancels the request on the wire unless `finish` was called before. */
  cancel(reason?: unknown): void;
  /** Discards the rest of the body. Its connection is reused when the body ends within a second. */
  finish(): void;
}

interface Connection {
  readonly client: Client;
  /** Requests since the connection opened. */
  requests: number;
  /** Undefined when the connection cannot coalesce reads. */
  socket: CoalescingSocket | undefined;
  /** Called before each request. */
  expectResponse: () => void;
}

const UNREAD_BYTES_MAX = 64 << 10;
const FINISH_TIMEOUT_MS = 1_000;
/** Proxies add tens of kilobytes of headers. */
const HEADER_BYTES_MAX = 256 << 10;

/**
 * Creates a pool of HTTP/1.1 connections to one origin, each with one request at a time. It reuses the most recently
 * used connection, because the cost of a search for an idle one would grow with the number of connections.
 */
export function createConnectionPool(options: ConnectionPoolOptions): ConnectionPool {
  const { origin, requestsPerConnectionMax = Number.POSITIVE_INFINITY } = options;
  let all = new Set<Connection>();
  let idle: Connection[] = [];

  function createConnection(): Connection {
    const onConnect = (socket: CoalescingSocket | undefined) => {
      connection.socket = socket;
    };
    const open = createConnector(options, onConnect);
    const connect: buildConnector.connector = (options, callback) =>
      open(options, (error, socket) => {
        if (error) return callback(error, null);
        connection.expectResponse = skipInformationalResponses(socket);
        // The first request waits for the connection.
        connection.expectResponse();
        callback(null, socket);
      });
    const client = new Client(origin, {
      connect,
      pipelining: 1,
      maxHeaderSize: HEADER_BYTES_MAX,
      // Callers apply their own timeouts, which depend on the kind of request.
      headersTimeout: 0,
      bodyTimeout: 0,
      keepAliveTimeout: 30_000,
    });
    const connection: Connection = { client, requests: 0, socket: undefined, expectResponse: () => {} };
    all.add(connection);
    return connection;
  }

  async function reset(reason?: Error): Promise<void> {
    const connections = [...all];
    all = new Set();
    idle = [];
    await Promise.all(connections.map(({ client }) => (reason ? client.destroy(reason) : client.destroy())));
  }

  return {
    send({ signal, ...request }) {
      const connection = idle.pop() ?? createConnection();
      const setCoalescing = (isCoalescing: boolean) => {
        if (connection.socket) connection.socket.isCoalescing = isCoalescing;
      };
      const onClose = () => {
        setCoalescing(false);
        if (all.has(connection)) idle.push(connection);
      };
      const { head, handler } = createIncomingResponse({ signal, setCoalescing, onClose });
      connection.expectResponse();
      connection.requests += 1;
      // The client opens a new connection for its next request.
      const reset = connection.requests >= requestsPerConnectionMax;
      if (reset) connection.requests = 0;
      connection.client.dispatch({ ...request, ...(reset && { reset }) }, handler);
      return head;
    },
    reset,
    close: () => reset(),
  };
}

function createConnector(
  { connectTimeoutMs: timeoutMs, proxyUrl, readCoalescer }: ConnectionPoolOptions,
  onConnect: (socket: CoalescingSocket | undefined) => void,
): buildConnector.connector {
  if (proxyUrl !== undefined) return createProxyConnector({ proxyUrl, timeoutMs });
  if (readCoalescer) return createCoalescingConnector({ timeoutMs, readCoalescer, onConnect });
  return buildConnector({ timeout: timeoutMs });
}

interface IncomingResponseOptions {
  readonly signal: AbortSignal;
  readonly setCoalescing: (isCoalescing: boolean) => void;
  /** Called once, when the connection is free for the next request. */
  readonly onClose: () => void;
}

function createIncomingResponse({ signal, setCoalescing, onClose }: IncomingResponseOptions): {
  readonly head: Promise<IncomingResponse>;
  readonly handler: Dispatcher.DispatchHandler;
} {
  const head = Promise.withResolvers<IncomingResponse>();
  const closed = Promise.withResolvers<unknown>();
  let status = 0;
  let headers: IncomingHttpHeaders = {};
  let trailers: IncomingHttpHeaders | undefined;
  let controller: Dispatcher.DispatchController | undefined;
  let chunks: Buffer[] = [];
  let unreadBytes = 0;
  let wakeReader: (() => void) | undefined;
  let failure: { readonly reason: unknown } | undefined;
  let isClosed = false;
  let isCancelled = false;
  let finishTimer: NodeJS.Timeout | undefined;

  function wake(): void {
    const resolve = wakeReader;
    wakeReader = undefined;
    resolve?.();
  }

  function abort(reason?: unknown): void {
    if (isClosed || isCancelled) return;
    isCancelled = true;
    chunks = [];
    controller?.abort(reason instanceof Error ? reason : new Error('The reader cancelled the response'));
  }

  function onAbort(): void {
    failure = { reason: signal.reason };
    head.reject(signal.reason);
    abort(signal.reason);
    wake();
  }

  function close(): void {
    if (isClosed) return;
    isClosed = true;
    clearTimeout(finishTimer);
    signal.removeEventListener('abort', onAbort);
    onClose();
    closed.resolve(failure?.reason);
    wake();
  }

  async function read(): Promise<Buffer | null> {
    while (chunks.length === 0) {
      if (failure) throw failure.reason;
      if (isClosed) return null;
      const { promise, resolve } = Promise.withResolvers<void>();
      wakeReader = resolve;
      controller?.resume();
      await promise;
    }
    const [first, ...others] = chunks as [Buffer, ...Buffer[]];
    chunks = [];
    unreadBytes = 0;
    return others.length === 0 ? first : Buffer.concat([first, ...others]);
  }

  function cancel(reason?: unknown): void {
    if (finishTimer === undefined) abort(reason);
  }

  const response: IncomingResponse = {
    get status() {
      return status;
    },
    get headers() {
      return headers;
    },
    get trailers() {
      return trailers;
    },
    closed: closed.promise,
    read,
    async readAll(bytesMax, tooLarge) {
      const parts: Buffer[] = [];
      let length = 0;
      for (let part = await read(); part !== null; part = await read()) {
        length += part.length;
        if (length > bytesMax) {
          const error = tooLarge();
          cancel(error);
          throw error;
        }
        parts.push(part);
      }
      return parts.length === 1 ? (parts[0] as Buffer) : Buffer.concat(parts);
    },
    async *[Symbol.asyncIterator]() {
      try {
        for (let bytes = await read(); bytes !== null; bytes = await read()) yield bytes;
      } finally {
        cancel();
      }
    },
    startCoalescing() {
      if (!isClosed) setCoalescing(true);
    },
    cancel,
    finish() {
      if (isClosed || isCancelled) return;
      finishTimer = setTimeout(abort, FINISH_TIMEOUT_MS);
      controller?.resume();
    },
  };

  const handler: Dispatcher.DispatchHandler = {
    onRequestStart(started) {
      controller = started;
      // The request was cancelled while its connection opened, so nothing has been sent.
      if (isCancelled) started.abort(new Error('The request was cancelled before it was sent'));
    },
    onResponseStart(started, statusCode, receivedHeaders) {
      status = statusCode;
      headers = receivedHeaders;
      // The raw headers would keep their whole read buffer alive for as long as the response lasts.
      started.rawHeaders = null;
      head.resolve(response);
    },
    onResponseData(started, chunk) {
      if (isCancelled || finishTimer) return;
      chunks.push(chunk);
      unreadBytes += chunk.length;
      if (wakeReader) wake();
      else if (unreadBytes > UNREAD_BYTES_MAX) started.pause();
    },
    onResponseEnd(_controller, receivedTrailers) {
      trailers = receivedTrailers;
      close();
    },
    onResponseError(_controller, reason) {
      failure ??= { reason };
      head.reject(reason);
      close();
    },
  };

  if (signal.aborted) onAbort();
  else signal.addEventListener('abort', onAbort, { once: true });
  return { head: head.promise, handler };
}
