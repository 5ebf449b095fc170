/** One limit of concurrent streams. */
export interface StreamDemand {
  /** Streams with the same bucket share a limit, on all gateways that share the limiter. */
  readonly bucket: string;
  readonly max: number;
}

export type StreamDecision =
  | {
      readonly isAdmitted: true;
      /** Ends the stream. Idempotent; never fails. */
      release(): void | Promise<void>;
    }
  | {
      readonly isAdmitted: false;
      /** Index of the demand that does not fit. */
      readonly index: number;
      /** The enforced maximum. Smaller than that of the demand while each gateway enforces its share. */
      readonly max: number;
    };

/** Limits concurrent streams. A stream whose gateway ends without releasing it stops counting by itself. */
export interface StreamLimiter {
  /** Counts the stream in all buckets, or in none of them if one is full. Returns a promise only if the limiter is shared. */
  acquire(demands: readonly StreamDemand[]): StreamDecision | Promise<StreamDecision>;
}
