import { setTimeout as wait } from 'node:timers/promises';
import { AppError } from '@prodigon/contracts';

const GIVES_UP_AFTER_MS = 60_000;
const AGAIN_AFTER_MS = 500;

/** Does it again, as callers do, while the platform says that this may help. Throws the last error after a minute. */
export async function untilAccepted<Answer>(call: () => Promise<Answer>): Promise<Answer> {
  const begunAtMs = performance.now();
  for (;;) {
    try {
      return await call();
    } catch (error) {
      const isWorthIt = error instanceof AppError && (error.retryable || error.code === 'CONFLICT');
      if (!isWorthIt || performance.now() - begunAtMs > GIVES_UP_AFTER_MS) throw error;
    }
    await wait(AGAIN_AFTER_MS);
  }
}
