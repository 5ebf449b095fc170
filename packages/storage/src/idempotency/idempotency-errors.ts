import { AppError } from '@prodigon/contracts';

/** The error of a request whose key another request uses at this moment. */
export const keyInFlightError = () =>
  new AppError('CONFLICT', 'Another request with this Idempotency-Key is in progress.', { retryAfterSeconds: 1 });

/** The error of a request whose key belongs to a different request. */
export function keyMismatchError(): AppError {
  const details = [{ path: 'idempotency-key', message: 'Was used for a different request.' }];
  return new AppError('VALIDATION_ERROR', 'This Idempotency-Key was used for a different request.', { details });
}
