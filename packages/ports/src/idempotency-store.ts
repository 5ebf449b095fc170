/** A request with an `Idempotency-Key`. The scope of a key is its owner and its route. */
export interface IdempotentRequest {
  readonly ownerId: string;
  /** Method and pattern of the route, e.g. `POST /api/v1/chat/sessions`. */
  readonly route: string;
  readonly key: string;
  /** SHA-256 of the request: equal only for equal requests. */
  readonly fingerprint: Buffer;
}

/** A response that later requests with the same key get. */
export interface IdempotentResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** JSON as it was sent. */
  readonly body: string;
  /** The response is deleted with this conversation. */
  readonly conversationId?: string;
}

/** The right of one request to use a key, until its lease ends. */
export interface IdempotencyClaim extends IdempotentRequest {
  readonly id: string;
  readonly leaseMs: number;
}

/** Stores the responses of requests with an `Idempotency-Key`, across processes. All times are those of the store. */
export interface IdempotencyStore {
  /**
   * Claims the key of the claim, or returns the response that an earlier request stored in the last 24 hours. Throws
   * `CONFLICT` while another claim holds the key, and `VALIDATION_ERROR` when the key belongs to a different request.
   */
  claim(claim: IdempotencyClaim): Promise<IdempotentResponse | undefined>;
  /** Extends the lease of the claim. */
  renew(claim: IdempotencyClaim): Promise<void>;
  /** Stores the response of the claim, unless its lease has passed to another one. */
  complete(claim: IdempotencyClaim, response: IdempotentResponse): Promise<void>;
  /** Frees the key, because the request failed. */
  release(claim: IdempotencyClaim): Promise<void>;
}
