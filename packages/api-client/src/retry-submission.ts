import { AppError, sleep } from '@prodigon/contracts';
import { isNetworkFailure } from './http-client.ts';

/** The first attempt may still be worked on; nobody waits for it longer than this. */
const BUSY_ANSWERS_MAX = 20;
const AGAIN_AFTER_MS = 500;

/** Sends once more when the connection fails: with the same idempotency key, that cannot make a second job. */
export async function submitWithRetry<Answer>(send: () => Promise<Answer>, signal?: AbortSignal): Promise<Answer> {
  let hasFailed = false;
  for (let busyAnswers = 0; ; ) {
    try {
      return await send();
    } catch (error) {
      const isBusy = hasFailed && error instanceof AppError && error.code === 'CONFLICT';
      if (isBusy) busyAnswers += 1;
      if (isBusy ? busyAnswers > BUSY_ANSWERS_MAX : hasFailed || !isNetworkFailure(error)) throw error;
      hasFailed = true;
    }
    await sleep(AGAIN_AFTER_MS, signal);
  }
}

/** `crypto.randomUUID` is missing on pages that did not come over TLS; this is not. */
export const newIdempotencyKey = (): string =>
  Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, '0')).join('');
