/** One HTTP request to another of our services, whichever protocol carries it. */
export interface TransportRequest {
  readonly method: 'GET' | 'POST' | 'DELETE';
  readonly path: string;
  readonly headers: Record<string, string>;
  /** Bytes are sent as they come, at the pace of the service. */
  readonly body?: string | AsyncIterable<Uint8Array> | undefined;
  /** Aborting it ends the request on the wire too. */
  readonly signal: AbortSignal;
  /** Whether another process may be asked when the one that was asked has died without having answered. */
  readonly isRetryable?: boolean | undefined;
  /** The answer comes in one piece: there is nothing to gain from sharing a connection with others. */
  readonly isUnary?: boolean | undefined;
}

export interface TransportResponse {
  readonly status: number;
  readonly headers: Record<string, string | string[] | undefined>;
  /** Throws, or with HTTP/2 just ends, when the connection breaks: `closed` tells. Leaving the loop ends the request on the wire. */
  readonly body: AsyncIterable<Uint8Array>;
  /** Complete once the body has ended. */
  readonly trailers: () => Record<string, string | string[] | undefined>;
  /** Fulfils when nothing more of it comes, however it ended. Never rejects. */
  readonly closed: Promise<{ readonly isBroken: boolean }>;
}

/** The connection failed, not the request: nobody could be reached, or who had the request has gone. */
export class ConnectionError extends Error {
  override readonly name = 'ConnectionFailure';
  /** Whether the service may have received the request. */
  readonly isRequestSent: boolean;

  constructor(message: string, { isSent, cause }: { isSent: boolean; cause?: unknown }) {
    super(message, { cause });
    this.isRequestSent = isSent;
  }
}

export interface Transport {
  /** Rejects when the service cannot be reached or breaks off before its headers; with a `ConnectionFailure` when that is the connection's fault. */
  send(request: TransportRequest): Promise<TransportResponse>;
  close(): Promise<void>;
}
