/** What one request takes from one bucket. */
export interface RateDemand {
  /** Requests with the same bucket share a limit, on all gateways that share the limiter. */
  readonly bucket: string;
  readonly limitPerMin: number;
  readonly amount: number;
}

/** The state of a bucket after a decision. */
export interface RateState {
  /** The enforced limit a minute. Smaller than the limit of the demand while each gateway enforces its share. */
  readonly limitPerMin: number;
  /** What a request can take now. */
  readonly remaining: number;
  /** Milliseconds until the whole limit remains. */
  readonly resetMs: number;
}

export interface RateDecision {
  /** In the order of the demands. */
  readonly states: readonly RateState[];
  /** Null when the request is admitted; otherwise nothing was taken. */
  readonly refusal: {
    /** Index of the demand with the longest wait. */
    readonly index: number;
    /** Milliseconds until the demands fit if nobody else takes anything. */
    readonly retryAfterMs: number;
  } | null;
  /**
   * Corrects the taken amounts of an admitted request by what it has used, in the order of the demands. Less gives the
   * difference back; more leaves a debt that later requests wait for. Later calls have no effect. Never fails.
   */
  settle(used: readonly number[]): void | Promise<void>;
}

/**
 * Limits rates by the generic cell rate algorithm: in any time window of W minutes, a bucket admits at most
 * `limitPerMin * W + limitPerMin`. The burst is the limit of one minute, so an amount above the limit counts as the limit.
 */
export interface RateLimiter {
  /** Takes all demands, or none of them if one does not fit. Returns a promise only if the limiter is shared over a network. */
  take(demands: readonly RateDemand[]): RateDecision | Promise<RateDecision>;
}
