import type { OpenStream } from './open-stream.ts';

/** A longer delay is not made up for: writing all missed events together would delay everything else. */
const CATCH_UP_MAX_MS = 40;

/** Writes so many events of each stream in a second, spread so that each millisecond has its share. One timer for all streams. */
export function createPacedWheel(eventsPerSecond: number): { add(stream: OpenStream): void } {
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
