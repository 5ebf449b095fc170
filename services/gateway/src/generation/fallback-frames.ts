import type { ErrorCode } from '@prodigon/contracts';
import { eventFrame } from '@prodigon/platform';
import type { ResponseMetadata } from '@prodigon/ports';

/** A frame for each model that gave way to another before the first word; empty when the one that was asked answered. */
export function fallbackFrames(asked: string, { model, attempts }: ResponseMetadata): string {
  let frames = '';
  let from = asked;
  // One whose breaker is open is passed over without a call.
  let reason: ErrorCode = 'SERVICE_UNAVAILABLE';
  for (const attempt of [...attempts, { model, error: null }]) {
    if (attempt.model !== from) {
      frames += eventFrame('fallback', { from, to: attempt.model, reason });
      from = attempt.model;
    }
    reason = attempt.error ?? reason;
  }
  return frames;
}
