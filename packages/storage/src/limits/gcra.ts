import type { RateDecision, RateDemand, RateState } from '@prodigon/ports';

const MINUTE_MS = 60_000;
/** Far below the interval of any limit, and above the rounding errors of times. */
export const ROUNDING_MS = 0.001;

/** A demand in time: a bucket is a time until which its past requests occupy it, at most a minute ahead. */
export interface Cell {
  readonly bucket: string;
  readonly limitPerMin: number;
  /** Milliseconds that one unit occupies. */
  readonly unitMs: number;
  /** Milliseconds that the demand occupies. */
  readonly costMs: number;
  /** The time of the bucket just after the decision, which sets it. */
  untilMs: number;
}

/** Returns the share of a limit that one gateway enforces: at least 1, because 0 would be no service. */
export const shareOf = (limit: number, share: number): number => Math.max(1, Math.floor(limit * share));

/** Converts a demand to a cell with this share of its limit. An amount above the limit counts as the limit. */
export function toCell({ bucket, limitPerMin: limit, amount }: RateDemand, share: number): Cell {
  const limitPerMin = shareOf(limit, share);
  const unitMs = MINUTE_MS / limitPerMin;
  return { bucket, limitPerMin, unitMs, costMs: Math.min(amount, limitPerMin) * unitMs, untilMs: 0 };
}

/** Returns for how long a demand must wait, which is not positive when it fits. */
export const waitMs = ({ costMs }: Cell, occupiedUntilMs: number, nowMs: number): number =>
  Math.max(occupiedUntilMs, nowMs) + costMs - nowMs - MINUTE_MS;

/** How a settled amount moves the time of a bucket. */
export interface Correction {
  /** Negative when the request has used less than it took. */
  readonly changeMs: number;
  /** The time of the bucket just after the request took its amount. */
  readonly takenUntilMs: number;
}

/**
 * Returns the corrected time of a bucket. What a bucket has regained since a request took its amount cannot be given back
 * too, or the next minute would admit more than its burst.
 */
export function correct(occupiedUntilMs: number, { changeMs, takenUntilMs }: Correction, nowMs: number): number {
  if (changeMs > 0) return Math.max(occupiedUntilMs, nowMs) + changeMs;
  return occupiedUntilMs - Math.min(-changeMs, Math.max(0, takenUntilMs - nowMs));
}

export interface Taken {
  readonly cells: readonly Cell[];
  readonly nowMs: number;
  /** Index of the cell that waits longest; -1 when all fit. */
  readonly refusedIndex: number;
  readonly retryAfterMs: number;
}

/** Creates a decision. Its `settle` calls `applyCorrection` once for each cell whose amount differs from the used one. */
export function createDecision(
  { cells, nowMs, refusedIndex, retryAfterMs }: Taken,
  applyCorrection: (index: number, correction: Correction) => void | Promise<void>,
): RateDecision {
  let isSettled = refusedIndex >= 0;
  return {
    states: cells.map((cell) => stateOf(cell, nowMs)),
    refusal: refusedIndex < 0 ? null : { index: refusedIndex, retryAfterMs },
    settle(used) {
      if (isSettled) return;
      isSettled = true;
      let applied: Promise<void> | undefined;
      cells.forEach(({ unitMs, costMs, untilMs }, index) => {
        const changeMs = (used[index] ?? 0) * unitMs - costMs;
        if (changeMs !== 0) applied = applyCorrection(index, { changeMs, takenUntilMs: untilMs }) ?? applied;
      });
      return applied;
    },
  };
}

function stateOf({ limitPerMin, unitMs, untilMs }: Cell, nowMs: number): RateState {
  const resetMs = Math.max(0, untilMs - nowMs);
  const remaining = Math.floor((MINUTE_MS - resetMs + ROUNDING_MS) / unitMs);
  return { limitPerMin, remaining: Math.max(0, Math.min(limitPerMin, remaining)), resetMs };
}
