import { systemTimers, type Timers } from './timers.ts';

export interface ManualTimers extends Timers {
  /** Returns the delays of the pending timers, in milliseconds. */
  waiting(): number[];
  /** Fires the timer with this delay. */
  fire(delayMs: number): void;
  /** Moves the clock without firing timers. */
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
      if (!timer) throw new Error(`No timer has a delay of ${delayMs} ms, only of ${[...pending].map((other) => other.delayMs)}`);
      pending.delete(timer);
      now += delayMs;
      timer.callback();
    },
    pass(milliseconds) {
      now += milliseconds;
    },
  };
}

/** Creates system timers with a clock that tests can move forward. */
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
