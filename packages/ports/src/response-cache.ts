/** Tells the requests that wait for this one how it ended. */
export interface CacheFlight {
  /**
   * `completed`: the waiting requests receive the stored response; without one, each calls the model itself, concurrently.
   * `cancelled`: one of them calls the model for all. Idempotent; never throws.
   */
  end(result: 'completed' | 'cancelled'): void;
}

export type CacheLookup =
  | { readonly result: 'hit'; readonly response: Uint8Array }
  /** The caller calls the model. With a flight, identical requests wait until the caller ends it. */
  | { readonly result: 'miss'; readonly flight: CacheFlight | null }
  /** The cache cannot be reached. */
  | { readonly result: 'unavailable' };

export interface LookupOptions {
  /** Milliseconds to wait for an identical request in flight. Then the caller calls the model itself. */
  readonly waitMs: number;
  /** Ends the wait, which then rejects with the signal's reason. */
  readonly signal: AbortSignal;
}

/**
 * Stores responses of models for a limited time. Identical requests in flight call the model once, in all processes that
 * share the cache. A cache that fails never fails a request.
 */
export interface ResponseCache {
  /** Larger responses are not stored. */
  readonly responseBytesMax: number;
  /** Keys are hexadecimal digests. */
  lookup(key: string, options: LookupOptions): Promise<CacheLookup>;
  /** Resolves when lookups find the response, or when it cannot be stored. */
  store(key: string, response: Uint8Array): Promise<void>;
}
