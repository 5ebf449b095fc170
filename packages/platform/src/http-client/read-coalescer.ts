import { performance as eventLoop } from 'node:perf_hooks';

export interface ReadCoalescer {
  /** Whether readers should let more come before they read. */
  readonly isCoalescing: boolean;
  /** Calls back once, when it is time to read. */
  wait(callback: () => void): void;
}

const STEP_MS = 5;
const SLOTS = 16;
const LONGEST_MS = 50;
const LOOK_EVERY_MS = 100;
const BUSY = 0.7;
const CALM = 0.5;

/**
 * Spaces the reads of streams by how busy the event loop is: not at all while it is calm, up to 50 ms apart when it
 * is full, so that one read, one parse and one write carry several tokens and the backpressure stays in the kernel.
 * All waits share one timer, which only runs while somebody waits.
 */
export function createReadCoalescer(utilisation: () => number = createUtilisationMeter()): ReadCoalescer {
  const slots: (() => void)[][] = Array.from({ length: SLOTS }, () => []);
  let position = 0;
  let waiting = 0;
  let delayMs = 0;
  let lookedAt = 0;
  let timer: NodeJS.Timeout | undefined;

  function look(): void {
    const now = performance.now();
    if (now - lookedAt < LOOK_EVERY_MS) return;
    lookedAt = now;
    const share = utilisation();
    const step = share > BUSY ? 10 : share < CALM ? -STEP_MS : 0;
    delayMs = Math.min(LONGEST_MS, Math.max(0, delayMs + step));
  }

  function turn(): void {
    position = (position + 1) % SLOTS;
    const due = slots[position] as (() => void)[];
    slots[position] = [];
    waiting -= due.length;
    for (const callback of due) callback();
    if (waiting > 0) return;
    clearInterval(timer);
    timer = undefined;
  }

  return {
    get isCoalescing() {
      look();
      return delayMs > 0;
    },
    wait(callback) {
      const steps = Math.max(1, Math.round(delayMs / STEP_MS));
      (slots[(position + steps) % SLOTS] as (() => void)[]).push(callback);
      waiting += 1;
      timer ??= setInterval(turn, STEP_MS);
    },
  };
}

/** The share of time that the event loop was busy since it was last asked, from 0 to 1. */
function createUtilisationMeter(): () => number {
  let last = eventLoop.eventLoopUtilization();
  return () => {
    const now = eventLoop.eventLoopUtilization();
    const { utilization } = eventLoop.eventLoopUtilization(now, last);
    last = now;
    return utilization;
  };
}
