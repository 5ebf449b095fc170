/** Limits how many wrong API keys one address may send. A missing key does not count. */
export interface WrongKeyLimiter {
  /**
   * Counts a value that turned out to be no valid key. Returns null, or the seconds after which the address may send
   * another wrong key if it has sent too many. A valid key is never refused, because nobody calls this for it.
   */
  check(address: string): number | null | Promise<number | null>;
}
