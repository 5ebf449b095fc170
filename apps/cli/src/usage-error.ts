/** Reports an invalid command line, which ends with exit code 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}
