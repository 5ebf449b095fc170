import type { AppError } from '@prodigon/contracts';

/** Who is asking. Until accounts exist there is one: `local`. */
export interface Principal {
  readonly id: string;
}

/** What goes with every call through every port. Passed explicitly; there is no ambient request. */
export interface CallContext {
  readonly requestId: string;
  /** W3C trace context of the caller's span, e.g. `00-<32 hex>-<16 hex>-01`. */
  readonly traceparent: string;
  readonly principal: Principal;
  /** When the whole call has to be over, in ms on this process's `performance.now()` clock. */
  readonly deadline: number;
  /** How often a provider may be called for it, over all models. Who tries again by themselves says 1. */
  readonly attemptsMax?: number | undefined;
  /** Aborts when the caller has left or the deadline has passed; the reason is an {@link AppError}. */
  readonly signal: AbortSignal;
}

/** Why `context.signal` aborted. */
export function abortReason(signal: AbortSignal): AppError {
  return signal.reason as AppError;
}
