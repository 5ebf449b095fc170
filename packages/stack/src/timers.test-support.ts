import { systemTimers, type Timers } from './timers.ts';

export interface ManualTimers extends Timers {
  /** Delays that somebody waits for now, in milliseconds, as they were asked for. */
  waiting(): number[];
  /** Lets the timer of this delay fire now. */
  fire(delayMs: number): void;
  /** Moves the clock without firing anything. */
  pass(milliseconds: number): void;
}

export function createManualTimers(): ManualTimers {
  const pending = new Set<{ delayMs: number; callback: () => void }>();
  let now = 0;
  return {
    now: () => now,
    after(delayMs, callback) {
      const timer = { delayMs, callback };
      pending.add(timer);
      return () => void pending.delete(timer);
    },
    waiting: () => [...pending].map(({ delayMs }) => delayMs),
    fire(delayMs) {
      const timer = [...pending].find((candidate) => candidate.delayMs === delayMs);
      if (!timer) throw new Error(`Nobody waits for ${delayMs} ms, only for ${[...pending].map((other) => other.delayMs)}`);
      pending.delete(timer);
      now += delayMs;
      timer.callback();
    },
    pass(milliseconds) {
      now += milliseconds;
    },
  };
}

/** The system's timers with a clock that can be put forward, for what looks at the clock as it goes. */
export function createShiftableTimers(): Timers & { pass(milliseconds: number): void } {
  let ahead = 0;
  return {
    ...systemTimers,
    now: () => systemTimers.now() + ahead,
    pass(milliseconds) {
      ahead += milliseconds;
    },
  };
}
