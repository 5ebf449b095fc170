import type { OpenStream } from './open-stream.ts';

/** After a longer delay, events are written late instead of all together, which would delay other streams. */
const CATCH_UP_MAX_MS = 40;

/** Creates a timing wheel, which writes `eventsPerSecond` events per stream with a single timer and spreads streams over its slots. */
export function createTimingWheel(eventsPerSecond: number): { add(stream: OpenStream): void } {
  const periodMs = 1_000 / eventsPerSecond;
  const slots: OpenStream[][] = Array.from({ length: periodMs }, () => []);
  let writtenAtMs = performance.now();
  let slot = 0;
  let nextSlot = 0;

  const tick = () => {
    const nowMs = performance.now();
    writtenAtMs = Math.max(writtenAtMs, nowMs - CATCH_UP_MAX_MS);
    for (; writtenAtMs + 1 <= nowMs; writtenAtMs += 1) {
      slot = (slot + 1) % periodMs;
      const due = slots[slot];
      if (due?.length) slots[slot] = due.filter((stream) => stream.writeNext());
    }
  };
  setInterval(tick, 1);

  return {
    add(stream) {
      nextSlot = (nextSlot + 1) % periodMs;
      slots[nextSlot]?.push(stream);
    },
  };
}
