/** One HTTP request to another of our services, whichever protocol carries it. */
export interface ExchangeRequest {
  readonly method: 'GET' | 'POST' | 'DELETE';
  readonly path: string;
  readonly headers: Record<string, string>;
  /** Bytes are sent as they come, at the pace of the service. */
  readonly body?: string | AsyncIterable<Uint8Array> | undefined;
  /** Aborting it ends the request on the wire too. */
  readonly signal: AbortSignal;
}

export interface ExchangeResponse {
  readonly status: number;
  readonly headers: Record<string, string | string[] | undefined>;
  /** Throws when the connection breaks. Leaving the loop ends the request on the wire. */
  readonly body: AsyncIterable<Uint8Array>;
  /** Complete once the body has ended. */
  readonly trailers: () => Record<string, string | string[] | undefined>;
}

export interface Exchange {
  /** Rejects when the service cannot be reached or breaks off before its headers. */
  send(request: ExchangeRequest): Promise<ExchangeResponse>;
  close(): Promise<void>;
}
