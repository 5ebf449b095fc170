import type { OpenStream } from './open-stream.ts';

/** 50 tokens a second. */
const PERIOD_MS = 20;
/** Who was held up for longer, e.g. stopped, does not make up for all of it at once. */
const CATCH_UP_MAX_MS = 1_000;

/** Writes one event of each stream every 20 ms, spread over them so that each millisecond has its share. One timer for all. */
export function createPacedWheel(): { add(stream: OpenStream): void } {
  const slots: OpenStream[][] = Array.from({ length: PERIOD_MS }, () => []);
  let writtenAtMs = performance.now();
  let slot = 0;
  let nextSlot = 0;

  const tick = () => {
    const nowMs = performance.now();
    writtenAtMs = Math.max(writtenAtMs, nowMs - CATCH_UP_MAX_MS);
    for (; writtenAtMs + 1 <= nowMs; writtenAtMs += 1) {
      slot = (slot + 1) % PERIOD_MS;
      const due = slots[slot];
      if (due?.length) slots[slot] = due.filter((stream) => stream.writeNext());
    }
  };
  setInterval(tick, 1);

  return {
    add(stream) {
      nextSlot = (nextSlot + 1) % PERIOD_MS;
      slots[nextSlot]?.push(stream);
    },
  };
}
