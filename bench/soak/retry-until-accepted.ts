import { setTimeout as wait } from 'node:timers/promises';
import { AppError } from '@prodigon/contracts';

const RETRY_TIMEOUT_MS = 60_000;
const RETRY_DELAY_MS = 500;

/** Retries a call while its error is retryable or a conflict. Throws the last error after a minute. */
export async function retryUntilAccepted<Result>(call: () => Promise<Result>): Promise<Result> {
  const startedAtMs = performance.now();
  for (;;) {
    try {
      return await call();
    } catch (error) {
      const isRetryable = error instanceof AppError && (error.retryable || error.code === 'CONFLICT');
      if (!isRetryable || performance.now() - startedAtMs > RETRY_TIMEOUT_MS) throw error;
    }
    await wait(RETRY_DELAY_MS);
  }
}
