import { monitorEventLoopDelay } from 'node:perf_hooks';

const NS_PER_MS = 1e6;
/** The monitor sets a timer of this length again and again, and records how long each one took. */
const TIMER_MS = 10;

/** Measures how late timers of this process fire between `open` and `close`. */
export function createDelayMonitor(monitor = monitorEventLoopDelay({ resolution: TIMER_MS })) {
  return {
    open() {
      monitor.reset();
      monitor.enable();
    },
    close: () => void monitor.disable(),
    /** Returns the 99th percentile of the delays; 0 when no timer fired. */
    readP99Ms: () => (monitor.count === 0 ? 0 : Math.max(0, monitor.percentile(99) / NS_PER_MS - TIMER_MS)),
  };
}
