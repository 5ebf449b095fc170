import { AppError, sleep } from '@prodigon/contracts';
import { GatewayConnectionError } from './http-client.ts';

/** Maximum number of conflicts while the gateway finishes the first attempt. */
const CONFLICTS_MAX = 20;
const RETRY_DELAY_MS = 500;

/** Retries a submission once when the connection fails. The idempotency key keeps the retry from creating a second job. */
export async function submitWithRetry<Result>(send: () => Promise<Result>, signal?: AbortSignal): Promise<Result> {
  let hasFailed = false;
  for (let conflicts = 0; ; ) {
    try {
      return await send();
    } catch (error) {
      // While the gateway processes the first attempt, it returns CONFLICT for the same key.
      const isConflict = hasFailed && error instanceof AppError && error.code === 'CONFLICT';
      if (isConflict) conflicts += 1;
      if (isConflict ? conflicts > CONFLICTS_MAX : hasFailed || !(error instanceof GatewayConnectionError)) throw error;
      hasFailed = true;
    }
    await sleep(RETRY_DELAY_MS, signal);
  }
}

/** Returns a random key. Unlike `crypto.randomUUID`, this also works on pages that were loaded without TLS. */
export const createIdempotencyKey = (): string =>
  Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, '0')).join('');
