/** Limits how many wrong API keys an address may try. */
export interface WrongKeyLimiter {
  /**
   * Counts a wrong key of an address. Returns null, or after too many of them the seconds until the next one counts. Call it
   * only after a key turned out to be wrong, so that no valid key is refused.
   */
  check(address: string): number | null | Promise<number | null>;
}
