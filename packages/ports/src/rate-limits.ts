/** What a provider has told of one of its limits, in requests or in tokens. */
export interface RateLimit {
  readonly limit: number | null;
  readonly remaining: number | null;
  /** Until it is whole again, in milliseconds from when it was told. */
  readonly resetMs: number | null;
}

/** What the headers of one answer said. */
export interface RateLimits {
  readonly requests: RateLimit | null;
  readonly tokens: RateLimit | null;
}
