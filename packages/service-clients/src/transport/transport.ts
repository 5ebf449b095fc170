/** One HTTP request to another service of the platform, independent of the protocol. */
export interface TransportRequest {
  readonly method: 'GET' | 'POST' | 'DELETE';
  readonly path: string;
  readonly headers: Record<string, string>;
  /** An iterable is sent as its chunks arrive, at the service's pace. */
  readonly body?: WholeBody | AsyncIterable<Uint8Array> | undefined;
  /** Aborting it cancels the request on the wire. */
  readonly signal: AbortSignal;
  /** Whether the request may go to another replica when the first one died before its response headers. */
  readonly isRetryable?: boolean | undefined;
  /** Whether the response arrives in one piece, so that sharing a connection gains nothing. */
  readonly isUnary?: boolean | undefined;
}

/** A body that can be sent again. */
export type WholeBody = string | Uint8Array;

export const isWholeBody = (body: TransportRequest['body']): body is WholeBody =>
  typeof body === 'string' || body instanceof Uint8Array;

export interface TransportResponse {
  readonly status: number;
  readonly headers: Record<string, string | string[] | undefined>;
  /**
   * Stopping the iteration cancels the request. When the response breaks off, HTTP/1.1 throws and HTTP/2 may just end. Read
   * the body with a `ServiceRequester`, which checks that it is complete.
   */
  readonly body: AsyncIterable<Uint8Array>;
  /** Complete once the body has ended. */
  readonly trailers: () => Record<string, string | string[] | undefined>;
  /** Resolves when the response ends, with whether its connection broke. Never rejects. */
  readonly closed: Promise<{ readonly isBroken: boolean }>;
}

export interface Transport {
  /** Resolves when the response headers have arrived. Rejects with a `ConnectionError` when the connection fails. */
  send(request: TransportRequest): Promise<TransportResponse>;
  close(): Promise<void>;
}

/** The connection failed, not the request. */
export class ConnectionError extends Error {
  override readonly name = 'ConnectionError';
  /** Whether the service may have received the request. */
  readonly isRequestSent: boolean;

  constructor(message: string, { isRequestSent, cause }: { isRequestSent: boolean; cause?: unknown }) {
    super(message, { cause });
    this.isRequestSent = isRequestSent;
  }
}

/** Reads a body to its end, because HTTP/1.1 reuses a connection only then. */
export async function drainResponse({ body }: TransportResponse): Promise<void> {
  for await (const _ of body);
}
